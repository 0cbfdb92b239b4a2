import { BUS_SCHEMA_VERSION, type BrokerTime, type Clock } from "@fleetquake/contract";
import type { CommandBus } from "../ports/command-bus.ts";
import { timestampOf } from "../timestamp-of.ts";
import { differsByMuch, heartbeatInterval, type HeartbeatBudget } from "./heartbeat-interval.ts";

export interface RollCallsOptions {
  readonly bus: CommandBus;
  readonly clock: Clock;
  readonly brokerTime: BrokerTime;
  readonly issuer: string;
  readonly budget: HeartbeatBudget;
  /** How many replicas share the budget at this moment. */
  readonly aliveCount: () => number;
  /** The latest halt or release; null: none is known. */
  readonly halt: () => { readonly epoch: number; readonly isHalted: boolean } | null;
}

/** Whoever did not get the broker's receipt by then asks again: to ask twice costs less than an API that is not ready. */
const TIMEOUT_IN_MS = 2_000;
/** Answers to everybody's roll-call are spread over this share of the interval, so that warming finds them quiet. */
const JITTER = 0.4;
const ANSWER_ALLOWANCE_IN_MS = 2_000;
/** A fleet that grows is told a new interval at most this often. */
const SHORTEST_PAUSE_IN_MS = 5_000;

/** Publishes roll-calls, each with the heartbeat interval that the fleet's size asks for. */
export class RollCalls {
  readonly #options: RollCallsOptions;
  #publishedIntervalInMs: number;
  #publishedAtInMs = Number.NEGATIVE_INFINITY;

  constructor(options: RollCallsOptions) {
    this.#options = options;
    this.#publishedIntervalInMs = options.budget.heartbeatIntervalInMs;
  }

  /** The interval that the fleet's size asks for at this moment. */
  intervalInMs(): number {
    return heartbeatInterval(this.#options.aliveCount(), this.#options.budget);
  }

  /** The interval that replicas were last told. */
  get publishedIntervalInMs(): number {
    return this.#publishedIntervalInMs;
  }

  /** Whether a hello that comes now may be the answer to a roll-call of this API. */
  isBeingAnswered(): boolean {
    const sinceInMs = this.#options.clock.monotonicInMs() - this.#publishedAtInMs;
    return sinceInMs < this.#publishedIntervalInMs * JITTER + ANSWER_ALLOWANCE_IN_MS;
  }

  /** Whether the fleet has grown or shrunk so much that it should hear of a new interval. */
  isDue(): boolean {
    return (
      this.#options.clock.monotonicInMs() - this.#publishedAtInMs >= SHORTEST_PAUSE_IN_MS &&
      differsByMuch(this.intervalInMs(), this.#publishedIntervalInMs)
    );
  }

  /**
   * Asks these replicas, or everybody when absent, to report at once; everybody takes the interval over.
   * @throws when it was not certainly published.
   */
  async publish(replicaIds?: string[]): Promise<void> {
    const intervalInMs = this.intervalInMs();
    this.#publishedAtInMs = this.#options.clock.monotonicInMs();
    const halt = this.#options.halt();
    const published = await this.#options.bus.publishCommand(
      {
        schema: BUS_SCHEMA_VERSION,
        type: "roll-call",
        issuer: this.#options.issuer,
        issued_at: timestampOf(this.#options.brokerTime.nowInMs()),
        heartbeat_interval_ms: intervalInMs,
        jitter_ms: replicaIds === undefined ? Math.ceil(intervalInMs * JITTER) : 0,
        ...(replicaIds === undefined ? {} : { replicas: replicaIds }),
        ...(halt === null ? {} : { halt: { epoch: halt.epoch, halted: halt.isHalted } }),
      },
      { timeoutInMs: TIMEOUT_IN_MS },
    );
    if (published === "unknown") {
      throw new Error("whether the roll-call went out is not known");
    }
    this.#publishedIntervalInMs = intervalInMs;
  }
}
