import { backoffInMs, type Backoff } from "./backoff.ts";
import { RedisOperationError } from "./redis-operation-error.ts";
import { WaitingLine } from "./waiting-line.ts";

/** What the pool needs to know of a connection. */
export interface PooledConnection {
  /** false once it is lost, and while it is held back from use by somebody else. */
  readonly isUsable: boolean;
  readonly isLost: boolean;
  whenLost(listener: () => void): void;
  close(): void;
  destroy(): void;
}

export interface ConnectionPoolOptions<C extends PooledConnection> {
  /** Opens a connection; must settle within a bounded time. */
  readonly open: () => Promise<C>;
  readonly maxConnections: number;
  /** A connection that was not used for this long is closed. */
  readonly idleTimeoutInMs: number;
  /** Waits between attempts to bring lost connections back. */
  readonly backoff: Backoff;
}

/** Counts by what the connections are doing. */
export interface PoolCounts {
  readonly idle: number;
  readonly busy: number;
  readonly opening: number;
}

/** The first attempt to bring lost connections back comes within this span, so that a fleet does not knock in step. */
const FIRST_RESTORE_WITHIN_IN_MS = 100;

/**
 * Connections on demand: a caller gets an idle one, a new one while there is room, or waits his turn.
 *
 * Connections that were cut are brought back in the background, so that a pool is as large after a reset as before it;
 * those that nobody uses for a while are closed. The most recently used one is handed out first, the others age.
 */
export class ConnectionPool<C extends PooledConnection> {
  readonly #options: ConnectionPoolOptions<C>;
  readonly #idle: { readonly connection: C; readonly sinceInMs: number }[] = [];
  readonly #busy = new Set<C>();
  readonly #line = new WaitingLine<C>();
  readonly #reaper: NodeJS.Timeout;
  #opening = 0;
  #lost = 0;
  /** Opened for somebody who waited, while idle ones were dying whose loss was not noticed yet. */
  #replacedInAdvance = 0;
  #restoreAttempts = 0;
  #restoreTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ConnectionPoolOptions<C>) {
    this.#options = options;
    this.#reaper = setInterval(() => this.#closeAged(), Math.max(10, options.idleTimeoutInMs / 4));
    this.#reaper.unref();
  }

  get counts(): PoolCounts {
    return { idle: this.#idle.length, busy: this.#busy.size, opening: this.#opening };
  }

  /**
   * Takes a connection for oneself; give it back with `release` or `discard`.
   * @throws {RedisOperationError} when none could be opened, or none became free within the span.
   */
  acquire(timeoutInMs: number): Promise<C> {
    if (this.#isClosed) {
      return Promise.reject(closedError());
    }
    const idle = this.#takeIdle();
    if (idle !== undefined) {
      return Promise.resolve(idle);
    }
    const waiting = this.#line.join(timeoutInMs);
    this.#openForTheLine();
    return waiting;
  }

  /** Gives a connection back that may be used again. */
  release(connection: C): void {
    if (this.#busy.delete(connection)) {
      this.#offer(connection);
    }
  }

  /** Gives a connection back that has failed; it is replaced like one whose loss was noticed before. */
  discard(connection: C): void {
    const wasOurs = this.#busy.delete(connection);
    connection.destroy();
    if (wasOurs && !this.#isClosed) {
      this.#replaceLost();
    }
  }

  /** Closes every connection and turns everybody away who waits; idempotent. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#reaper);
    clearTimeout(this.#restoreTimer);
    this.#line.dismiss(closedError());
    for (const { connection } of this.#idle.splice(0)) {
      connection.close();
    }
    for (const connection of this.#busy) {
      connection.destroy();
    }
    this.#busy.clear();
  }

  #takeIdle(): C | undefined {
    const index = this.#idle.findLastIndex(({ connection }) => connection.isUsable);
    const [taken] = index === -1 ? [] : this.#idle.splice(index, 1);
    if (taken !== undefined) {
      this.#busy.add(taken.connection);
    }
    return taken?.connection;
  }

  #openForTheLine(): void {
    while (this.#opening < this.#line.length && this.#hasRoom()) {
      this.#takeOffTheLost();
      this.#open((error) => this.#line.turnAwayFirst(error));
    }
  }

  /** What is opened for the line stands for a lost connection, noticed or not: the pool comes back as large as it was. */
  #takeOffTheLost(): void {
    const dying = this.#idle.filter(({ connection }) => !connection.isUsable).length;
    if (this.#lost > 0) {
      this.#lost -= 1;
    } else if (this.#replacedInAdvance < dying) {
      this.#replacedInAdvance += 1;
    }
  }

  #hasRoom(): boolean {
    const taken = this.#idle.length + this.#busy.size + this.#opening;
    return !this.#isClosed && taken < this.#options.maxConnections;
  }

  #open(onFailure: (error: Error) => void): void {
    this.#opening += 1;
    void this.#settle(this.#options.open(), onFailure);
  }

  async #settle(opened: Promise<C>, onFailure: (error: Error) => void): Promise<void> {
    try {
      const connection = await opened;
      this.#opening -= 1;
      this.#restoreAttempts = 0;
      connection.whenLost(() => this.#forget(connection));
      this.#offer(connection);
    } catch (error) {
      this.#opening -= 1;
      onFailure(error instanceof Error ? error : new Error(String(error)));
      this.#openForTheLine();
    }
  }

  #offer(connection: C): void {
    if (this.#isClosed) {
      connection.close();
    } else if (connection.isLost) {
      this.#replaceLost();
    } else if (connection.isUsable && this.#line.serveFirst(connection)) {
      this.#busy.add(connection);
    } else {
      this.#idle.push({ connection, sinceInMs: performance.now() });
    }
  }

  #forget(connection: C): void {
    const index = this.#idle.findIndex((entry) => entry.connection === connection);
    const wasOurs = index !== -1 || this.#busy.delete(connection);
    if (index !== -1) {
      this.#idle.splice(index, 1);
    }
    if (wasOurs && !this.#isClosed) {
      this.#replaceLost();
    }
  }

  #replaceLost(): void {
    this.#restoreLater(1);
    this.#openForTheLine();
  }

  #restoreLater(lost: number): void {
    const inAdvance = Math.min(this.#replacedInAdvance, lost);
    this.#replacedInAdvance -= inAdvance;
    this.#lost = Math.min(this.#options.maxConnections, this.#lost + lost - inAdvance);
    if (this.#restoreTimer !== undefined || this.#isClosed || this.#lost === 0) {
      return;
    }
    const delayInMs =
      this.#restoreAttempts === 0
        ? Math.random() * FIRST_RESTORE_WITHIN_IN_MS
        : backoffInMs(this.#options.backoff, this.#restoreAttempts);
    this.#restoreTimer = setTimeout(() => this.#restore(), delayInMs);
    this.#restoreTimer.unref();
  }

  /** Opens what was lost. Nobody waits for it, so that a failure only means another attempt, until it would have aged. */
  #restore(): void {
    this.#restoreTimer = undefined;
    this.#restoreAttempts += 1;
    const wanted = this.#lost;
    this.#lost = 0;
    for (let opened = 0; opened < wanted && this.#hasRoom(); opened += 1) {
      this.#open(() => this.#restoreLater(this.#isWorthRestoring() ? 1 : 0));
    }
  }

  #isWorthRestoring(): boolean {
    const { backoff, idleTimeoutInMs } = this.#options;
    const spentInMs = this.#restoreAttempts * Math.max(backoff.capInMs, 100);
    return spentInMs < idleTimeoutInMs;
  }

  #closeAged(): void {
    const oldestInMs = performance.now() - this.#options.idleTimeoutInMs;
    while (this.#idle[0] !== undefined && this.#idle[0].sinceInMs < oldestInMs) {
      this.#idle.shift()?.connection.close();
    }
  }
}

function closedError(): RedisOperationError {
  // Not a connection's failure: nobody shall try again.
  return new RedisOperationError("the connection pool is closed", { isConnectionFailure: false });
}
