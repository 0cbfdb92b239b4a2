import {
  BUS_SCHEMA_VERSION,
  roundSpan,
  type AcknowledgementBody,
  type AcknowledgementError,
  type BrokerTime,
  type Clock,
  type Command,
  type Log,
  type ReplicaIdentity,
} from "@fleetquake/contract";
import { AnsweredCommands } from "./answered-commands.ts";
import { describeFailure } from "./describe-failure.ts";
import { emptyCloseReport } from "./empty-close-report.ts";
import type { EventOutbox } from "./event-outbox.ts";
import type { Epochs } from "./epochs.ts";
import { FaultRefusedError } from "./fault-refused-error.ts";
import type { FaultSet } from "./faults/fault-set.ts";
import type { InjectReport } from "./faults/replica-fault.ts";
import type { HaltFlag } from "./halt-flag.ts";
import { judgeCommand } from "./judge-command.ts";
import { matchesTarget } from "./matches-target.ts";
import { CloseExpiredError } from "./ports/connection-set.ts";

/** Commands that may wait for the one being executed; a fleet has one at a time, only a flood has more. */
const LONGEST_QUEUE = 32;

/** An acknowledgement that is not settled within this span is left to the next heartbeat. */
const SEND_TIMEOUT_IN_MS = 3_000;

export interface CommandExecutorOptions {
  readonly identity: ReplicaIdentity;
  readonly faults: FaultSet;
  readonly halt: HaltFlag;
  readonly epochs: Epochs;
  readonly outbox: EventOutbox;
  readonly clock: Clock;
  readonly time: BrokerTime;
  readonly log: Log;
  /** Connections are about to be closed. */
  readonly onReset: () => void;
  /** A command has been answered for the first time. */
  readonly onAnswered: (acknowledgement: AcknowledgementBody, command: Command) => void;
}

/** What became of the commands that were meant for this replica. */
export interface CommandCounters {
  readonly acknowledged: number;
  readonly failed: number;
  readonly refused: number;
  readonly expired: number;
  /** Commands that came again: answered again, not executed again. */
  readonly duplicates: number;
}

interface Arrival {
  readonly command: Command;
  readonly arrivedAtInMs: number;
  readonly issuedAtMonotonicInMs: number;
  readonly expiresAtMonotonicInMs: number;
  /** The highest epoch of this fault, and of any halt, seen before. */
  readonly highestEpoch: number;
}

type Outcome =
  | {
      readonly state: "acknowledged";
      readonly report: InjectReport & { readonly recovered?: string[] };
      readonly injectedAtInMs: number | null;
    }
  | { readonly state: "failed" | "refused" | "expired"; readonly error: AcknowledgementError };

/**
 * Takes commands in, executes each at most once, and answers every one that is meant for it. Those of one fault run one
 * after another; recoveries and halts wait for nobody.
 */
export class CommandExecutor {
  readonly #options: CommandExecutorOptions;
  readonly #answered = new AnsweredCommands();
  readonly #counters = { acknowledged: 0, failed: 0, refused: 0, expired: 0, duplicates: 0 };
  readonly #lanes = new Map<string, Promise<void>>();
  #queued = 0;

  constructor(options: CommandExecutorOptions) {
    this.#options = options;
  }

  counters(): CommandCounters {
    return { ...this.#counters };
  }

  /** Resolves when everything that has been taken in is answered. */
  async idle(): Promise<void> {
    await Promise.all(this.#lanes.values());
  }

  /**
   * Takes a command in; its delivery has been observed by the broker time already.
   *
   * A command that is the very first delivery is fresh by definition, since there is nothing to tell its age by; the
   * roll-call that follows every hello makes that window a few milliseconds wide.
   */
  take(command: Command): void {
    const { clock, time, identity, epochs, halt } = this.#options;
    const arrivedAtInMs = clock.monotonicInMs();
    const nowInMs = time.nowInMs();
    const seenBefore = epochs.observe(command.fault, command.epoch);
    if (!matchesTarget(identity, command.target)) {
      return;
    }
    if (this.#queued >= LONGEST_QUEUE && command.action === "inject" && command.fault !== "halt") {
      this.#options.log.warn("command-dropped", { queued: this.#queued });
      return;
    }
    const arrival: Arrival = {
      command,
      arrivedAtInMs,
      issuedAtMonotonicInMs: arrivedAtInMs + Date.parse(command.issued_at) - nowInMs,
      expiresAtMonotonicInMs: arrivedAtInMs + Date.parse(command.expires_at) - nowInMs,
      highestEpoch: Math.max(seenBefore, halt.epoch),
    };
    const answer = this.#answered.find(command.command_id);
    if (answer === "pending") {
      this.#counters.duplicates += 1;
    } else if (answer === undefined) {
      this.#answered.begin(command.command_id);
      if (command.fault === "halt" && command.action === "inject") {
        // At once: what still waits for its turn must not begin any more.
        halt.halt(command.epoch, epochs.highest);
      }
      this.#enqueue(command, () => this.#execute(arrival));
    } else {
      this.#counters.duplicates += 1;
      this.#enqueue(command, () => this.#send(answer));
    }
  }

  #enqueue({ fault, action }: Command, task: () => Promise<void>): void {
    const lane = `${fault}:${action}`;
    this.#queued += 1;
    const tail = (this.#lanes.get(lane) ?? Promise.resolve()).then(task).finally(() => {
      this.#queued -= 1;
    });
    this.#lanes.set(lane, tail);
  }

  async #execute(arrival: Arrival): Promise<void> {
    const outcome = await this.#outcome(arrival);
    const acknowledgement = this.#acknowledge(arrival, outcome);
    this.#counters[outcome.state] += 1;
    this.#answered.settle(acknowledgement);
    this.#options.onAnswered(acknowledgement, arrival.command);
    await this.#send(acknowledgement);
  }

  async #outcome(arrival: Arrival): Promise<Outcome> {
    const { command } = arrival;
    try {
      if (command.fault === "halt") {
        return await this.#halt(command, arrival);
      }
      return await (command.action === "inject"
        ? this.#inject(command, arrival)
        : this.#recover(command, arrival));
    } catch (error) {
      if (error instanceof CloseExpiredError) {
        return { state: "expired", error: { code: "COMMAND_EXPIRED", message: error.message } };
      }
      const state = error instanceof FaultRefusedError ? "refused" : "failed";
      this.#options.log.warn(`fault-${state}`, { command_id: command.command_id, error });
      return { state, error: describeFailure(error) };
    }
  }

  async #inject(command: Command, arrival: Arrival): Promise<Outcome> {
    const { clock, faults, identity, halt, onReset } = this.#options;
    const { expiresAtMonotonicInMs, issuedAtMonotonicInMs, highestEpoch } = arrival;
    const verdict = judgeCommand(command, {
      expiredForInMs: clock.monotonicInMs() - expiresAtMonotonicInMs,
      highestEpoch,
      fault: faults.find(command.fault),
      allow: identity.allow,
      isHalted: halt.isHalted,
    });
    if (verdict.kind !== "inject") {
      return { state: verdict.kind, error: verdict.error };
    }
    if (command.fault === "redis-reset") {
      onReset();
    }
    let injectedAtInMs: number | null = null;
    const report = await verdict.fault.inject(command, {
      expiresAtMonotonicInMs,
      issuedAtMonotonicInMs,
      onInjected: (atInMs) => (injectedAtInMs = atInMs),
    });
    return { state: "acknowledged", report, injectedAtInMs };
  }

  /** Ending a fault needs no consent, and is right also while the fleet is halted. */
  async #recover(command: Command, { highestEpoch }: Arrival): Promise<Outcome> {
    if (command.epoch < highestEpoch) {
      return refuseStale(command, highestEpoch);
    }
    const recovered = await this.#options.faults.recover(command.fault);
    return acknowledgeRecovery(recovered);
  }

  async #halt(command: Command, { highestEpoch }: Arrival): Promise<Outcome> {
    if (command.action === "inject") {
      return acknowledgeRecovery(await this.#options.faults.recover());
    }
    return this.#options.halt.release(command.epoch)
      ? acknowledgeRecovery([])
      : refuseStale(command, highestEpoch);
  }

  #acknowledge(arrival: Arrival, outcome: Outcome): AcknowledgementBody {
    const { identity, clock, time } = this.#options;
    const nowInMs = clock.monotonicInMs();
    const injectedAtInMs = outcome.state === "acknowledged" ? outcome.injectedAtInMs : null;
    const doneAtInMs = injectedAtInMs ?? nowInMs;
    const answer =
      outcome.state === "acknowledged"
        ? outcome.report
        : { ...emptyCloseReport(), error: outcome.error };
    return {
      command_id: arrival.command.command_id,
      replica_id: identity.replica_id,
      instance_id: identity.instance_id,
      role: identity.role,
      epoch: arrival.command.epoch,
      state: outcome.state,
      ...answer,
      closed_at: new Date(time.nowInMs() - (nowInMs - doneAtInMs)).toISOString(),
      duration_ms: roundSpan(Math.max(0, doneAtInMs - arrival.arrivedAtInMs)),
      clock_offset_ms: time.offsetInMs(),
    };
  }

  async #send(acknowledgement: AcknowledgementBody): Promise<void> {
    await this.#options.outbox.send(
      { schema: BUS_SCHEMA_VERSION, type: "acknowledgement", ...acknowledgement },
      SEND_TIMEOUT_IN_MS,
    );
  }
}

function acknowledgeRecovery(recovered: string[]): Outcome {
  return {
    state: "acknowledged",
    report: { ...emptyCloseReport(), recovered },
    injectedAtInMs: null,
  };
}

function refuseStale(command: Command, highestEpoch: number): Outcome {
  const message = `Epoch ${command.epoch} is below ${highestEpoch}, which this replica has seen.`;
  return { state: "refused", error: { code: "STALE_EPOCH", message } };
}
