import type { Clock, Log } from "@fleetquake/contract";
import {
  BusUnavailableError,
  LockContendedError,
  type FleetLock,
  type HeldLock,
  type WithLockOptions,
} from "@fleetquake/coordinator/ports";
import { acceptLockSession, acceptOnce, type LockSession } from "./accept-lock-session.ts";
import type { BusAdministration } from "./bus-administration.ts";
import { decodeLockRecord, encodeLockRecord } from "./lock-record.ts";
import type { LiveConnection } from "./live-connection.ts";
import type { EndSignal } from "./operation-signal.ts";
import type { Transport } from "./transport.ts";
import { Turns } from "./turns.ts";
import { DeadlineExceededError, withDeadline } from "./with-deadline.ts";

export interface SessionFleetLockOptions {
  readonly live: LiveConnection;
  readonly administration: BusAdministration;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reading and writing the record are one round trip each. */
const STATE_TIMEOUT_IN_MS = 3_000;

/** The next turn in this process does not wait longer for the last one's release. */
const RELEASE_TIMEOUT_IN_MS = 2_000;

/**
 * Mutual exclusion by the lock of a Service Bus session, whose state is the record.
 *
 * The broker takes the lock back when its holder's connection ends, at the latest after 15 s. Fails closed: who cannot
 * reach the broker has no lock.
 */
export class SessionFleetLock implements FleetLock {
  readonly #options: SessionFleetLockOptions;
  readonly #turns: Turns;

  constructor(options: SessionFleetLockOptions) {
    this.#options = options;
    this.#turns = new Turns(options.clock);
  }

  async withLock<T>(
    name: string,
    use: (held: HeldLock) => Promise<T>,
    options: WithLockOptions,
  ): Promise<T> {
    const { clock } = this.#options;
    const deadlineInMs = clock.monotonicInMs() + options.timeoutInMs;
    const endTurn = await this.#takeTurn(name, options);
    let session: LockSession | undefined;
    try {
      session = await acceptLockSession({
        ...this.#options,
        sessionId: name,
        timeoutInMs: deadlineInMs - clock.monotonicInMs(),
        abortSignal: options.abortSignal,
      });
      return await use(this.#hold(name, session));
    } finally {
      endTurn(session === undefined ? undefined : this.#release(session));
    }
  }

  /**
   * Goes the way of a lock once, on a session that nobody else uses, so that the first real one finds its links open.
   * @throws when the lock cannot be taken.
   */
  async warmUp(transport: Transport, sessionId: string): Promise<void> {
    const { clock } = this.#options;
    const receiver = await acceptOnce(transport, { clock, sessionId }, STATE_TIMEOUT_IN_MS);
    const session = { transport, receiver };
    try {
      await this.#ask(session, (abortSignal) => receiver.getSessionState({ abortSignal }));
    } finally {
      await this.#release(session);
    }
  }

  /** Contenders within this process queue here, where the broker would only turn them away. */
  async #takeTurn(
    name: string,
    options: WithLockOptions,
  ): Promise<(after?: Promise<void>) => void> {
    try {
      return await this.#turns.take(name, options);
    } catch (cause) {
      options.abortSignal?.throwIfAborted();
      throw new LockContendedError("This process holds the lock", { cause });
    }
  }

  #hold(name: string, session: LockSession): HeldLock {
    return {
      read: async () => {
        const state: unknown = await this.#ask(session, (abortSignal) =>
          session.receiver.getSessionState({ abortSignal }),
        );
        return this.#decode(name, state);
      },
      write: async (record) => {
        const state = encodeLockRecord(record);
        await this.#ask(session, (abortSignal) =>
          session.receiver.setSessionState(state, { abortSignal }),
        );
      },
    };
  }

  #decode(name: string, state: unknown): unknown {
    const decoded = decodeLockRecord(state);
    if (decoded.ok) {
      return decoded.record;
    }
    this.#options.log.warn("lock-record-unreadable", { name, reason: decoded.reason });
    return null;
  }

  async #ask<T>(
    { transport }: LockSession,
    request: (abortSignal: EndSignal) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#options;
    const abortSignals = [transport.signal];
    try {
      return await withDeadline(
        { clock, timeoutInMs: STATE_TIMEOUT_IN_MS, subject: "the broker's answer", abortSignals },
        request,
      );
    } catch (cause) {
      if (
        cause instanceof DeadlineExceededError &&
        transport.silentForInMs() >= STATE_TIMEOUT_IN_MS
      ) {
        transport.fail(cause);
      }
      throw new BusUnavailableError("The record of the lock could not be reached", { cause });
    }
  }

  /** Gives the lock back; never rejects. */
  async #release({ receiver, transport }: LockSession): Promise<void> {
    const { clock, log } = this.#options;
    const abortSignals = [transport.signal];
    try {
      await withDeadline(
        { clock, timeoutInMs: RELEASE_TIMEOUT_IN_MS, subject: "the lock's release", abortSignals },
        () => receiver.close(),
      );
    } catch (error) {
      log.debug("fleet-lock-release-failed", { error: String(error) });
    }
  }
}
