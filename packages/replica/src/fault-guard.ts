import type { Clock, Log } from "@fleetquake/contract";
import type { FaultSet } from "./faults/fault-set.ts";
import type { HaltFlag } from "./halt-flag.ts";

/** A replica that has reached nobody for so long, or for three heartbeats, ends its own faults. */
const BUS_PATIENCE_IN_MS = 30_000;

export interface FaultGuardOptions {
  readonly faults: FaultSet;
  readonly halt: HaltFlag;
  readonly clock: Clock;
  readonly log: Log;
}

/** Ends a replica's faults when nobody else can or will: the bus is lost, the fleet is halted, the replica ends. */
export class FaultGuard {
  readonly #options: FaultGuardOptions;
  /** When the bus last took something from this replica, by the monotonic clock. */
  #settledAtInMs: number;

  constructor(options: FaultGuardOptions) {
    this.#options = options;
    this.#settledAtInMs = options.clock.monotonicInMs();
  }

  /** The bus has taken a message. */
  settled(): void {
    this.#settledAtInMs = this.#options.clock.monotonicInMs();
  }

  /** To be called with every heartbeat: who has lost the bus cannot be told to stop. */
  async look(heartbeatIntervalInMs: number): Promise<void> {
    const patienceInMs = Math.max(BUS_PATIENCE_IN_MS, 3 * heartbeatIntervalInMs);
    if (this.#options.clock.monotonicInMs() - this.#settledAtInMs >= patienceInMs) {
      await this.end("bus-lost");
    }
  }

  /**
   * Takes in what an API remembers of the latest halt or release, which this replica may have missed.
   * @returns whether the flag has changed
   */
  learnHalt(latest: { readonly epoch: number; readonly halted: boolean }): boolean {
    const { halt } = this.#options;
    const wasHalted = halt.isHalted;
    halt.learn(latest.epoch, latest.halted);
    if (halt.isHalted && !wasHalted) {
      void this.end("halted");
    }
    return halt.isHalted !== wasHalted;
  }

  /** Ends every fault that runs; never rejects. */
  async end(reason: string): Promise<void> {
    const { faults, log } = this.#options;
    try {
      const recovered = await faults.recover();
      if (recovered.length > 0) {
        log.warn("faults-ended", { reason, recovered });
      }
    } catch (error) {
      log.error("faults-not-ended", { reason, error });
    }
  }
}
