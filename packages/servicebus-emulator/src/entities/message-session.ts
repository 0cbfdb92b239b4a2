import type { AmqpError } from "../amqp/amqp-error.ts";
import { lockTokenKey } from "./lock-token.ts";
import { MessageLane, type MessageLock } from "./message-lane.ts";
import type { MessageLog } from "./message-log.ts";
import { type Reception, sessionLockLost, type StoreOptions } from "./message-store.ts";
import { firstOf, type QueuedMessage, sizeOf } from "./queued-message.ts";

/** The receiver that holds a session. */
export interface SessionHolder {
  /** The lock has run out; the session may already belong to somebody else. */
  sessionLost(error: AmqpError): void;
}

/** One session: its messages, its state, and who holds it. Messages are locked with the session. */
export class MessageSession implements Reception {
  readonly id: string;
  readonly lane: MessageLane;
  readonly #locked = new Map<string, MessageLock>();
  readonly #log: MessageLog | undefined;
  #state: Buffer | undefined;
  holder: SessionHolder | undefined;
  /** Broker time in milliseconds since 1970; meaningful while there is a holder. */
  lockedUntil = 0;

  constructor(id: string, options: StoreOptions) {
    this.id = id;
    this.#log = options.log;
    this.lane = new MessageLane({
      clock: options.clock,
      faults: options.faults,
      // Messages are locked with their session, and come back with it: that needs no note.
      log: options.log,
      maxDeliveryCount: () => options.maxDeliveryCount(),
      lock: (queued) => {
        const token = options.lockTokens.next();
        const lock: MessageLock = { token, queued, lockedUntil: this.lockedUntil };
        this.#locked.set(lockTokenKey(token), lock);
        return lock;
      },
      // Once the lock has run out verdicts are too late, even before its timer has noticed.
      unlock: (lock) =>
        options.clock.now() < this.lockedUntil && this.#locked.delete(lockTokenKey(lock.token)),
      discardExpired: (queued) => {
        options.discardExpired(queued);
      },
      deadLetter: (queued, reason) => {
        options.deadLetter(queued, reason);
      },
    });
  }

  /** Whatever its holders have stored. */
  get state(): Buffer | undefined {
    return this.#state;
  }

  set state(state: Buffer | undefined) {
    this.#state = state;
    this.#log?.stateSet(this.id, state);
  }

  get lockedCount(): number {
    return this.#locked.size;
  }

  get sizeInBytes(): number {
    return this.lane.sizeInBytes + sizeOf(this.#lockedMessages());
  }

  /** True when nothing is left of it: no message, no state, no holder. */
  get isEmpty(): boolean {
    const messages = this.lane.size + this.lane.deferredCount + this.lockedCount;
    return messages === 0 && this.state === undefined && this.holder === undefined;
  }

  lock(token: Buffer): MessageLock | undefined {
    return this.#locked.get(lockTokenKey(token));
  }

  /** Up to `limit` messages from a sequence number on, locked ones included. */
  peek(fromSequenceNumber: number, limit: number): readonly QueuedMessage[] {
    return firstOf([...this.lane.peek(fromSequenceNumber, limit), ...this.#lockedMessages()], {
      fromSequenceNumber,
      limit,
    });
  }

  lockLost(): AmqpError {
    return sessionLockLost(this.id);
  }

  /** The lock has run out: what was delivered under it counts as failed. */
  lockExpired(error: AmqpError): void {
    const { holder } = this;
    this.holder = undefined;
    holder?.sessionLost(error);
    for (const lock of this.#takeLocked()) {
      this.lane.returnFailed(lock.queued);
    }
  }

  /** The holder has given the session back. */
  released(): void {
    this.holder = undefined;
    for (const lock of this.#takeLocked()) {
      this.lane.put(lock.queued);
    }
  }

  #lockedMessages(): readonly QueuedMessage[] {
    return Array.from(this.#locked.values(), (lock) => lock.queued);
  }

  #takeLocked(): readonly MessageLock[] {
    const locks = [...this.#locked.values()];
    this.#locked.clear();
    return locks;
  }
}
