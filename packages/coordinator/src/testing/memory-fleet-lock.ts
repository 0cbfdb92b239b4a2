import { BusUnavailableError } from "../ports/command-bus.ts";
import {
  LockContendedError,
  type FleetLock,
  type HeldLock,
  type WithLockOptions,
} from "../ports/fleet-lock.ts";
import type { MemoryBroker } from "./memory-broker.ts";

/** Who waits for one lock; the first of them is granted it next. */
interface Queue {
  isHeld: boolean;
  readonly waiting: (() => void)[];
}

/** The fleet's locks in memory: first come, first served. */
export class MemoryFleetLock implements FleetLock {
  /** How often the lock of a fault was asked for. */
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
  readonly #queues = new Map<string, Queue>();

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
  }

  /** Holds the lock for somebody outside; gives back how to let go. */
  seize(name = "redis-reset"): () => void {
    const queue = this.#queue(name);
    queue.isHeld = true;
    return () => release(queue);
  }

  async withLock<T>(
    name: string,
    use: (held: HeldLock) => Promise<T>,
    options: WithLockOptions,
  ): Promise<T> {
    this.asked += name === "halt" ? 0 : 1;
    await Promise.resolve();
    if (this.isUnavailable) {
      throw new BusUnavailableError("the lock cannot be reached");
    }
    const queue = this.#queue(name);
    await this.#acquire(queue, options);
    try {
      const result = await use(this.#held(name));
      if (this.releaseFails) {
        throw new Error("the lock was lost");
      }
      return result;
    } finally {
      release(queue);
    }
  }

  #queue(name: string): Queue {
    const queue = this.#queues.get(name) ?? { isHeld: false, waiting: [] };
    this.#queues.set(name, queue);
    return queue;
  }

  #held(name: string): HeldLock {
    const broker = this.#broker;
    return {
      read: () => Promise.resolve(broker.records.get(name) ?? null),
      write: async (record) => {
        await this.beforeWrite();
        if (this.writeFails !== "before") {
          broker.records.set(name, record);
        }
        if (this.writeFails !== "no") {
          throw new BusUnavailableError("the record was not confirmed");
        }
      },
    };
  }

  #acquire(queue: Queue, options: WithLockOptions): Promise<void> {
    if (!queue.isHeld) {
      queue.isHeld = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const { abortSignal } = options;
      const giveUp = (error: Error): void => {
        abortSignal?.removeEventListener("abort", onAbort);
        queue.waiting.splice(queue.waiting.indexOf(granted), 1);
        reject(error);
      };
      const timer = this.#broker.clock.after(options.timeoutInMs, () =>
        giveUp(new LockContendedError("somebody else holds the lock")),
      );
      const onAbort = (): void => {
        timer.cancel();
        giveUp(new Error("aborted"));
      };
      const granted = (): void => {
        abortSignal?.removeEventListener("abort", onAbort);
        timer.cancel();
        resolve();
      };
      abortSignal?.addEventListener("abort", onAbort);
      queue.waiting.push(granted);
    });
  }
}

function release(queue: Queue): void {
  const next = queue.waiting.shift();
  if (next === undefined) {
    queue.isHeld = false;
  } else {
    next();
  }
}
