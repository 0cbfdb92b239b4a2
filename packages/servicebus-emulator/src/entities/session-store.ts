import { AmqpError } from "../amqp/amqp-error.ts";
import { LockTable } from "./lock-table.ts";
import {
  type MessageCounts,
  type MessageStore,
  sessionLockLost,
  type StoreOptions,
} from "./message-store.ts";
import { MessageSession, type SessionHolder } from "./message-session.ts";
import { firstOf, type QueuedMessage } from "./queued-message.ts";
import { SessionWaiters } from "./session-waiters.ts";

/** What a receiver gets that has accepted a session. */
export interface AcceptedSession {
  readonly session: MessageSession;
  /** Broker time, milliseconds since 1970. */
  readonly lockedUntil: number;
}

/** A receiver that waits for the next free session. */
export interface NextSessionRequest {
  readonly holder: SessionHolder;
  readonly timeoutInMs: number;
  granted(accepted: AcceptedSession): void;
  /** Nothing became free in time. */
  timedOut(error: AmqpError): void;
}

/** The messages of an entity with sessions: a lane, a lock and a state for each session id. */
export class SessionStore implements MessageStore {
  readonly #options: StoreOptions;
  readonly #sessions = new Map<string, MessageSession>();
  readonly #locks: LockTable<MessageSession>;
  readonly #waiters: SessionWaiters;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#waiters = new SessionWaiters(options.clock);
    this.#locks = new LockTable({
      clock: options.clock,
      durationInMs: () => options.lockDurationInMs(),
      onExpired: (_id, session) => {
        session.lockExpired(sessionLockLost(session.id));
        this.#settled(session);
      },
    });
  }

  get counts(): MessageCounts {
    let available = 0;
    let locked = 0;
    let deferred = 0;
    for (const session of this.#sessions.values()) {
      available += session.lane.size;
      locked += session.lockedCount;
      deferred += session.lane.deferredCount;
    }
    return { available, locked, deferred };
  }

  get sizeInBytes(): number {
    return [...this.#sessions.values()].reduce((sum, session) => sum + session.sizeInBytes, 0);
  }

  put(queued: QueuedMessage): void {
    const session = this.#session(queued.message.content.properties.sessionId ?? "");
    session.lane.put(queued);
    this.#serveWaiters();
  }

  peek(fromSequenceNumber: number, limit: number): readonly QueuedMessage[] {
    const candidates = [...this.#sessions.values()].flatMap((session) =>
      session.peek(fromSequenceNumber, limit),
    );
    return firstOf(candidates, { fromSequenceNumber, limit });
  }

  /** The same, of one session. */
  peekSession(id: string, fromSequenceNumber: number, limit: number): readonly QueuedMessage[] {
    return this.#sessions.get(id)?.peek(fromSequenceNumber, limit) ?? [];
  }

  /**
   * Locks a session by its id, also one that does not exist yet.
   *
   * @throws AmqpError com.microsoft:session-cannot-be-locked while somebody else holds it.
   */
  accept(id: string, holder: SessionHolder): AcceptedSession {
    if (this.#locks.get(id) !== undefined) {
      throw new AmqpError(
        "com.microsoft:session-cannot-be-locked",
        `The requested session '${id}' cannot be accepted. It may be locked by another receiver.`,
      );
    }
    return this.#grant(this.#session(id), holder);
  }

  /**
   * Locks the free session with the oldest message, or waits for one.
   *
   * @returns a function that gives up waiting.
   */
  acceptNext(request: NextSessionRequest): () => void {
    const free = this.#nextFree();
    if (free === undefined) {
      return this.#waiters.add(request);
    }
    request.granted(this.#grant(free, request.holder));
    return () => undefined;
  }

  /** Gives a session that nobody holds the state that it had before a restart. */
  restoreState(id: string, state: Buffer): void {
    this.#session(id).state = state;
  }

  /** Prolongs a holder's lock; returns until when. @throws AmqpError when it was lost. */
  renew(id: string, holder: SessionHolder): number {
    const session = this.held(id, holder);
    const lockedUntil = this.#locks.renew(id);
    if (lockedUntil === undefined) {
      throw sessionLockLost(id);
    }
    session.lockedUntil = lockedUntil;
    return lockedUntil;
  }

  /** True while a holder has this session locked. */
  isHeldBy(id: string, holder: SessionHolder): boolean {
    return this.#locks.get(id)?.holder === holder;
  }

  /** The session that a holder has locked. @throws AmqpError when it was lost. */
  held(id: string, holder: SessionHolder): MessageSession {
    const session = this.#locks.get(id);
    if (session === undefined || session.holder !== holder) {
      throw sessionLockLost(id);
    }
    return session;
  }

  /** Gives a session back: its unsettled messages return, and do not count as failed. */
  release(session: MessageSession, holder: SessionHolder): void {
    if (session.holder !== holder) {
      return;
    }
    this.#locks.release(session.id);
    session.released();
    this.#settled(session);
  }

  dispatch(): void {
    for (const session of this.#sessions.values()) {
      session.lane.dispatch();
    }
  }

  expireLocks(): number {
    return this.#locks.expireAll();
  }

  sweep(): void {
    for (const session of this.#sessions.values()) {
      session.lane.sweep();
      this.#forgetIfEmpty(session);
    }
  }

  close(): void {
    this.#locks.clear();
    this.#waiters.close();
    for (const session of this.#sessions.values()) {
      session.lane.close();
    }
  }

  #grant(session: MessageSession, holder: SessionHolder): AcceptedSession {
    // A lock that has just run out and whose timer has not fired yet.
    session.lockExpired(sessionLockLost(session.id));
    session.holder = holder;
    session.lockedUntil = this.#locks.grant(session.id, session);
    return { session, lockedUntil: session.lockedUntil };
  }

  #session(id: string): MessageSession {
    const known = this.#sessions.get(id);
    if (known !== undefined) {
      return known;
    }
    const session = new MessageSession(id, this.#options);
    this.#sessions.set(id, session);
    return session;
  }

  #settled(session: MessageSession): void {
    this.#forgetIfEmpty(session);
    this.#serveWaiters();
  }

  #forgetIfEmpty(session: MessageSession): void {
    if (session.isEmpty) {
      this.#sessions.delete(session.id);
    }
  }

  #serveWaiters(): void {
    while (this.#waiters.size > 0) {
      const session = this.#nextFree();
      const request = session === undefined ? undefined : this.#waiters.take();
      if (session === undefined || request === undefined) {
        return;
      }
      request.granted(this.#grant(session, request.holder));
    }
  }

  #nextFree(): MessageSession | undefined {
    let best: MessageSession | undefined;
    for (const session of this.#sessions.values()) {
      const first = session.lane.firstSequenceNumber;
      const isFree = session.holder === undefined && first !== undefined;
      if (isFree && first < (best?.lane.firstSequenceNumber ?? Infinity)) {
        best = session;
      }
    }
    return best;
  }
}
