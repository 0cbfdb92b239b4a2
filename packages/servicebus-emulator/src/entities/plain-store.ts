import { LockTable } from "./lock-table.ts";
import { lockTokenKey } from "./lock-token.ts";
import { type LanePolicy, MessageLane, type MessageLock } from "./message-lane.ts";
import {
  type MessageCounts,
  messageLockLost,
  type MessageStore,
  type Reception,
  type StoreOptions,
} from "./message-store.ts";
import { firstOf, type QueuedMessage, sizeOf } from "./queued-message.ts";

/** The messages of an entity without sessions. A lock belongs to its message, not to a receiver. */
export class PlainStore implements MessageStore, Reception {
  readonly lane: MessageLane;
  readonly #options: StoreOptions;
  readonly #locks: LockTable<MessageLock>;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#locks = new LockTable({
      clock: options.clock,
      durationInMs: () => options.lockDurationInMs(),
      onExpired: (_key, lock) => {
        this.lane.returnFailed(lock.queued);
      },
    });
    this.lane = new MessageLane(this.#policy());
  }

  get counts(): MessageCounts {
    return {
      available: this.lane.size,
      locked: this.#locks.size,
      deferred: this.lane.deferredCount,
    };
  }

  get sizeInBytes(): number {
    return this.lane.sizeInBytes + sizeOf(this.#lockedMessages());
  }

  put(queued: QueuedMessage): void {
    this.lane.put(queued);
  }

  peek(fromSequenceNumber: number, limit: number): readonly QueuedMessage[] {
    return firstOf([...this.lane.peek(fromSequenceNumber, limit), ...this.#lockedMessages()], {
      fromSequenceNumber,
      limit,
    });
  }

  lock(token: Buffer): MessageLock | undefined {
    return this.#locks.get(lockTokenKey(token));
  }

  /** Prolongs the lock under a token; returns until when, or undefined when it was lost. */
  renewLock(token: Buffer): number | undefined {
    return this.#locks.renew(lockTokenKey(token));
  }

  lockLost(): ReturnType<Reception["lockLost"]> {
    return messageLockLost();
  }

  dispatch(): void {
    this.lane.dispatch();
  }

  expireLocks(): number {
    return this.#locks.expireAll();
  }

  sweep(): void {
    this.lane.sweep();
  }

  close(): void {
    this.#locks.clear();
    this.lane.close();
  }

  #lockedMessages(): readonly QueuedMessage[] {
    return this.#locks.values().map((lock) => lock.queued);
  }

  #policy(): LanePolicy {
    const { clock, lockTokens, faults, log } = this.#options;
    return {
      clock,
      faults,
      log,
      maxDeliveryCount: () => this.#options.maxDeliveryCount(),
      lock: (queued) => {
        const token = lockTokens.next();
        const lockedUntil = clock.now() + this.#options.lockDurationInMs();
        const lock: MessageLock = { token, queued, lockedUntil };
        this.#locks.grant(lockTokenKey(token), lock);
        log?.locked(queued);
        return lock;
      },
      unlock: (lock) => this.#locks.release(lockTokenKey(lock.token)),
      discardExpired: (queued) => {
        this.#options.discardExpired(queued);
      },
      deadLetter: (queued, reason) => {
        this.#options.deadLetter(queued, reason);
      },
    };
  }
}
