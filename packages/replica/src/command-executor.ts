import {
  BUS_SCHEMA_VERSION,
  roundSpan,
  type AcknowledgementBody,
  type AcknowledgementError,
  type BrokerTime,
  type Clock,
  type CloseReport,
  type Command,
  type Log,
  type ReplicaIdentity,
} from "@fleetquake/contract";
import { AnsweredCommands } from "./answered-commands.ts";
import { describeFailure } from "./describe-failure.ts";
import { emptyCloseReport } from "./empty-close-report.ts";
import type { EventOutbox } from "./event-outbox.ts";
import type { ReplicaFault } from "./faults/replica-fault.ts";
import { judgeCommand } from "./judge-command.ts";
import { matchesTarget } from "./matches-target.ts";
import { CloseExpiredError } from "./ports/connection-set.ts";

/** Commands that may wait for the one being executed; a fleet has one at a time, only a flood has more. */
const LONGEST_QUEUE = 32;

/** An acknowledgement that is not settled within this span is left to the next heartbeat. */
const SEND_TIMEOUT_IN_MS = 3_000;

export interface CommandExecutorOptions {
  readonly identity: ReplicaIdentity;
  readonly faults: readonly ReplicaFault[];
  readonly outbox: EventOutbox;
  readonly clock: Clock;
  readonly time: BrokerTime;
  readonly log: Log;
  /** The highest epoch that the process has seen before this executor was made. */
  readonly highestEpoch: number;
  /** A fault is about to be injected. */
  readonly onInject: () => void;
  /** A command has been answered for the first time. */
  readonly onAnswered: (acknowledgement: AcknowledgementBody) => void;
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
  readonly expiresAtMonotonicInMs: number;
}

type Outcome =
  | {
      readonly state: "acknowledged";
      readonly report: CloseReport;
      readonly injectedAtInMs: number | null;
    }
  | { readonly state: "failed" | "refused" | "expired"; readonly error: AcknowledgementError };

/** Takes commands in, executes each at most once, one after another, and answers every one that is meant for it. */
export class CommandExecutor {
  readonly #options: CommandExecutorOptions;
  readonly #answered = new AnsweredCommands();
  readonly #faults: ReadonlyMap<string, ReplicaFault>;
  readonly #counters = { acknowledged: 0, failed: 0, refused: 0, expired: 0, duplicates: 0 };
  #highestEpoch: number;
  #queued = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: CommandExecutorOptions) {
    this.#options = options;
    this.#faults = new Map(options.faults.map((fault) => [fault.name, fault]));
    this.#highestEpoch = options.highestEpoch;
  }

  get highestEpoch(): number {
    return this.#highestEpoch;
  }

  counters(): CommandCounters {
    return { ...this.#counters };
  }

  /** Resolves when everything that has been taken in is answered. */
  idle(): Promise<void> {
    return this.#tail;
  }

  /**
   * Takes a command in; its delivery has been observed by the broker time already.
   *
   * A command that is the very first delivery is fresh by definition, since there is nothing to tell its age by; the
   * roll-call that follows every hello makes that window a few milliseconds wide.
   */
  take(command: Command): void {
    const { clock, time, identity } = this.#options;
    const arrivedAtInMs = clock.monotonicInMs();
    const leftInMs = Date.parse(command.expires_at) - time.nowInMs();
    const previousHighest = this.#highestEpoch;
    this.#highestEpoch = Math.max(previousHighest, command.epoch);
    if (!matchesTarget(identity, command.target)) {
      return;
    }
    if (this.#queued >= LONGEST_QUEUE) {
      this.#options.log.warn("command-dropped", { queued: this.#queued });
      return;
    }
    const arrival = { command, arrivedAtInMs, expiresAtMonotonicInMs: arrivedAtInMs + leftInMs };
    const answer = this.#answered.find(command.command_id);
    if (answer === "pending") {
      this.#counters.duplicates += 1;
    } else if (answer === undefined) {
      this.#answered.begin(command.command_id);
      this.#enqueue(() => this.#execute(arrival, previousHighest));
    } else {
      this.#counters.duplicates += 1;
      this.#enqueue(() => this.#send(answer));
    }
  }

  #enqueue(task: () => Promise<void>): void {
    this.#queued += 1;
    this.#tail = this.#tail.then(task).finally(() => {
      this.#queued -= 1;
    });
  }

  async #execute(arrival: Arrival, highestEpoch: number): Promise<void> {
    const outcome = await this.#outcome(arrival, highestEpoch);
    const acknowledgement = this.#acknowledge(arrival, outcome);
    this.#counters[outcome.state] += 1;
    this.#answered.settle(acknowledgement);
    this.#options.onAnswered(acknowledgement);
    await this.#send(acknowledgement);
  }

  async #outcome(arrival: Arrival, highestEpoch: number): Promise<Outcome> {
    const { command, expiresAtMonotonicInMs } = arrival;
    const verdict = judgeCommand(command, {
      expiredForInMs: this.#options.clock.monotonicInMs() - expiresAtMonotonicInMs,
      highestEpoch,
      faults: this.#faults,
      allow: this.#options.identity.allow,
    });
    if (verdict.kind !== "execute") {
      return { state: verdict.kind, error: verdict.error };
    }
    this.#options.onInject();
    try {
      let injectedAtInMs: number | null = null;
      const report = await verdict.fault.inject(command, {
        expiresAtMonotonicInMs,
        onInjected: (atInMs) => (injectedAtInMs = atInMs),
      });
      return { state: "acknowledged", report, injectedAtInMs };
    } catch (error) {
      if (error instanceof CloseExpiredError) {
        return { state: "expired", error: { code: "COMMAND_EXPIRED", message: error.message } };
      }
      this.#options.log.warn("fault-failed", { commandId: command.command_id, error });
      return { state: "failed", error: describeFailure(error) };
    }
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
