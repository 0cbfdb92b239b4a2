import type { Clock, Log, Timer } from "@fleetquake/contract";
import { settleWithin } from "../settle-within.ts";

export interface NewcomersOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Makes sure that an instance has a subscription. */
  readonly provision: (replicaId: string, instanceId: string) => Promise<void>;
  /** Asks these replicas, or everybody when absent; rejects when that was not settled. */
  readonly publishRollCall: (replicaIds?: string[]) => Promise<void>;
}

interface Newcomer {
  readonly replicaId: string;
  readonly instanceId: string;
  readonly needsBeacon: boolean;
}

/** Newcomers of this span share one roll-call. */
const GATHERED_FOR_IN_MS = 250;
/** Above this many names the whole fleet is asked instead. */
const MAX_NAMED = 500;
const MAX_PROVISIONING = 8;
const MAX_WAITING = 10_000;
const PROVISION_TIMEOUT_IN_MS = 10_000;

/** Gives newcomers what they need to take part: a subscription, a delivery to time their clock by, the interval. */
export class Newcomers {
  readonly #options: NewcomersOptions;
  readonly #waiting: Newcomer[] = [];
  readonly #named = new Set<string>();
  #provisioning = 0;
  #timer: Timer | null = null;
  #isClosed = false;

  constructor(options: NewcomersOptions) {
    this.#options = options;
  }

  /** Provisions an instance, and names it in the next roll-call if it needs one. */
  welcome(newcomer: Newcomer): void {
    if (!this.#isClosed && this.#waiting.length < MAX_WAITING) {
      this.#waiting.push(newcomer);
      this.#next();
    }
  }

  /** Names a replica in the next roll-call. */
  name(replicaId: string): void {
    if (this.#isClosed) {
      return;
    }
    this.#named.add(replicaId);
    this.#timer ??= this.#options.clock.after(GATHERED_FOR_IN_MS, () => void this.#rollCall());
  }

  /** Calls off what is gathered; a provisioning under way ends by itself. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#waiting.length = 0;
  }

  #next(): void {
    while (this.#provisioning < MAX_PROVISIONING) {
      const newcomer = this.#waiting.shift();
      if (newcomer === undefined) {
        return;
      }
      this.#provisioning += 1;
      void this.#provision(newcomer);
    }
  }

  async #provision(newcomer: Newcomer): Promise<void> {
    const { clock, log, provision } = this.#options;
    const { replicaId, instanceId } = newcomer;
    const provisioned = provision(replicaId, instanceId).catch((error: unknown) => {
      log.warn("replica-provisioning-failed", { replica_id: replicaId, error });
    });
    if (!(await settleWithin(clock, provisioned, PROVISION_TIMEOUT_IN_MS))) {
      log.warn("replica-provisioning-late", { replica_id: replicaId });
    }
    this.#provisioning -= 1;
    if (newcomer.needsBeacon) {
      this.name(replicaId);
    }
    this.#next();
  }

  async #rollCall(): Promise<void> {
    const { log, publishRollCall } = this.#options;
    const replicaIds = [...this.#named];
    this.#named.clear();
    this.#timer = null;
    try {
      await publishRollCall(replicaIds.length > MAX_NAMED ? undefined : replicaIds);
    } catch (error) {
      // Whoever still lacks a beacon is named again by a later heartbeat.
      log.warn("roll-call-failed", { replicas: replicaIds.length, error });
    }
  }
}
