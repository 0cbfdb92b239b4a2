import type {
  ActiveFault,
  BrokerTime,
  Clock,
  Command,
  LastingFault as FaultName,
  LoadReport,
  Timer,
} from "@fleetquake/contract";
import { emptyCloseReport } from "../empty-close-report.ts";
import { CloseExpiredError } from "../ports/connection-set.ts";
import type { InjectOptions, InjectReport, ReplicaFault } from "./replica-fault.ts";

/** What a command asks of a fault that lasts. */
export interface LastingOrder {
  readonly durationInSeconds: number;
  /** What the fleet is told of it while it lasts. */
  readonly details: Pick<ActiveFault, "level" | "scope" | "mode">;
  /** Begins it, replacing what runs; it ends by itself at the given moment too. */
  readonly begin: (endsAtMonotonicInMs: number) => Promise<LoadReport | undefined>;
}

export interface LastingFaultOptions {
  readonly name: FaultName;
  readonly clock: Clock;
  readonly time: BrokerTime;
  /** @throws {FaultRefusedError} when the command orders something else. */
  readonly read: (command: Command) => LastingOrder;
  /** Ends whatever runs, at once; idempotent. */
  readonly end: () => Promise<void>;
}

/** A fault with a span: it ends at the same moment in every replica, by time, by a recovery or by a halt. */
export class LastingFault implements ReplicaFault {
  readonly name: FaultName;
  readonly #options: LastingFaultOptions;
  /** Counts injections and recoveries: whoever is not the latest any more has no say. */
  #turn = 0;
  #active: ActiveFault | null = null;
  #endTimer: Timer | undefined;

  constructor(options: LastingFaultOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** What runs at this moment; null: nothing. */
  get active(): ActiveFault | null {
    return this.#active;
  }

  async inject(command: Command, options: InjectOptions): Promise<InjectReport> {
    const { clock, time, read } = this.#options;
    const order = read(command);
    const endsAtInMs = options.issuedAtMonotonicInMs + order.durationInSeconds * 1_000;
    const leftInMs = endsAtInMs - clock.monotonicInMs();
    if (leftInMs <= 0) {
      throw new CloseExpiredError(`${this.name} would be over already.`);
    }
    const turn = this.#begin();
    const ends_at = new Date(time.nowInMs() + leftInMs).toISOString();
    this.#active = { fault: this.name, command_id: command.command_id, ends_at, ...order.details };
    try {
      const load = await order.begin(endsAtInMs);
      this.#refuseIfOvertaken(turn, command.command_id);
      this.#endTimer = clock.after(endsAtInMs - clock.monotonicInMs(), () => void this.recover());
      options.onInjected(clock.monotonicInMs());
      return { ...emptyCloseReport(), ...(load === undefined ? {} : { load }) };
    } catch (error) {
      if (turn === this.#turn) {
        this.#active = null;
      }
      throw error;
    }
  }

  /**
   * Ends what runs or is about to begin; resolves when it is gone.
   * @returns whether something ran
   * @throws when it could not be ended.
   */
  async recover(): Promise<boolean> {
    const wasActive = this.#active !== null;
    this.#begin();
    await this.#options.end();
    this.#active = null;
    return wasActive;
  }

  /** Stops the timer without ending anything. */
  close(): void {
    this.#endTimer?.cancel();
  }

  #begin(): number {
    this.#endTimer?.cancel();
    this.#endTimer = undefined;
    this.#turn += 1;
    return this.#turn;
  }

  #refuseIfOvertaken(turn: number, commandId: string): void {
    if (turn !== this.#turn) {
      const message = `${this.name} of command ${commandId} was ended while it began.`;
      throw Object.assign(new Error(message), { code: "RECOVERED_MEANWHILE" });
    }
  }
}
