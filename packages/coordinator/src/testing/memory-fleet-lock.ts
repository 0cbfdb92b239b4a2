import type { Fault } from "@fleetquake/contract";
import { BusUnavailableError } from "../ports/command-bus.ts";
import {
  LockContendedError,
  type FaultRecord,
  type FleetLock,
  type HeldFaultLock,
  type WithLockOptions,
} from "../ports/fleet-lock.ts";
import type { MemoryBroker } from "./memory-broker.ts";

/** The fleet's lock in memory: first come, first served. */
export class MemoryFleetLock implements FleetLock {
  /** How often the lock was asked for. */
  asked = 0;
  /** Nobody reaches the broker. */
  isUnavailable = false;
  /** Writing fails, after it was done or before. */
  writeFails: "no" | "before" | "after" = "no";
  /** Awaited before the record is written. */
  beforeWrite: () => Promise<void> = () => Promise.resolve();
  /** Giving the lock back fails after the work was done. */
  releaseFails = false;
  readonly #broker: MemoryBroker;
  #isHeld = false;
  readonly #waiting: (() => void)[] = [];

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
  }

  /** Holds the lock for somebody outside; gives back how to let go. */
  seize(): () => void {
    this.#isHeld = true;
    return () => this.#release();
  }

  async withLock<T>(
    _fault: Fault,
    use: (held: HeldFaultLock) => Promise<T>,
    options: WithLockOptions,
  ): Promise<T> {
    this.asked += 1;
    await Promise.resolve();
    if (this.isUnavailable) {
      throw new BusUnavailableError("the lock cannot be reached");
    }
    await this.#acquire(options);
    try {
      const result = await use(this.#held());
      if (this.releaseFails) {
        throw new Error("the lock was lost");
      }
      return result;
    } finally {
      this.#release();
    }
  }

  #held(): HeldFaultLock {
    const broker = this.#broker;
    return {
      read: () => Promise.resolve(broker.record),
      write: async (record: FaultRecord | null) => {
        await this.beforeWrite();
        if (this.writeFails !== "before") {
          broker.record = record;
        }
        if (this.writeFails !== "no") {
          throw new BusUnavailableError("the record was not confirmed");
        }
      },
    };
  }

  #acquire(options: WithLockOptions): Promise<void> {
    if (!this.#isHeld) {
      this.#isHeld = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const giveUp = (error: Error): void => {
        this.#waiting.splice(this.#waiting.indexOf(granted), 1);
        reject(error);
      };
      const timer = this.#broker.clock.after(options.timeoutInMs, () =>
        giveUp(new LockContendedError("somebody else holds the lock")),
      );
      const granted = (): void => {
        timer.cancel();
        resolve();
      };
      options.abortSignal?.addEventListener("abort", () => {
        timer.cancel();
        giveUp(new Error("aborted"));
      });
      this.#waiting.push(granted);
    });
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#isHeld = false;
    } else {
      next();
    }
  }
}
