import { socketsOf } from "../client/sockets-of.ts";
import type { RedisClient } from "../client/redis-client.ts";
import type { RedisAccess } from "../open-redis-access.ts";
import type { RedisSettings } from "../read-redis-settings.ts";
import { describeFailure } from "./describe-failure.ts";
import { RedisOperationError } from "./redis-operation-error.ts";

/** After a polite end the socket is destroyed: a black-holed server never answers the FIN. */
const DISCONNECT_TIMEOUT_IN_MS = 200;

export interface OpenConnectionOptions {
  readonly access: RedisAccess;
  readonly settings: RedisSettings;
}

/**
 * One socket to Redis that never reconnects by itself: the pool replaces it, so that one connection is one socket. Of
 * a cluster it is one socket for each node that it has needed.
 * Errors are listened to for its whole life; after its loss every command on it fails at once.
 */
export class RedisConnection {
  readonly client: RedisClient;
  readonly #access: RedisAccess;
  #lastError: unknown = null;
  #isEnded = false;
  #onLost: (() => void) | null = null;

  private constructor({ access, settings }: OpenConnectionOptions) {
    this.#access = access;
    this.client = access.connect({
      lazyConnect: true,
      connectTimeout: settings.connectTimeoutInMs,
      commandTimeout: settings.socketTimeoutInMs,
      disconnectTimeout: DISCONNECT_TIMEOUT_IN_MS,
      retryStrategy: null,
      connectionName: "fleetquake-sample",
    });
    this.client.on("error", (error: unknown) => {
      this.#lastError = error;
    });
    this.client.on("end", () => {
      this.#isEnded = true;
      this.#onLost?.();
    });
  }

  /**
   * Opens a connection and resolves when it can be used.
   * @throws {RedisOperationError} when that takes longer than the connect timeout, TCP, TLS, AUTH and the server's
   * loading included: a stopped server accepts the socket and then says nothing.
   */
  static async open(options: OpenConnectionOptions): Promise<RedisConnection> {
    const connection = new RedisConnection(options);
    const { settings } = options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const message = `no usable connection within ${settings.connectTimeoutInMs} ms`;
        reject(new RedisOperationError(message, { isConnectionFailure: true }));
      }, settings.connectTimeoutInMs);
      timer.unref();
    });
    try {
      await Promise.race([connection.client.connect(), late]);
      return connection;
    } catch (error) {
      connection.destroy();
      throw describeFailure(
        error instanceof RedisOperationError ? error : (connection.#lastError ?? error),
        connection.#access.secrets(),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** false once it is lost, and while somebody holds it back from being written to (a drain does). */
  get isUsable(): boolean {
    return (
      this.client.status === "ready" && socketsOf(this.client).every(({ writable }) => writable)
    );
  }

  get isLost(): boolean {
    return this.#isEnded;
  }

  /** Calls back once when the socket is gone, also if it is gone already. */
  whenLost(listener: () => void): void {
    this.#onLost = listener;
    if (this.#isEnded) {
      listener();
    }
  }

  /** An operation's failure on this connection, fit to be shown. */
  describe(error: unknown): RedisOperationError {
    return describeFailure(error, this.#access.secrets());
  }

  /** Ends the connection politely. */
  close(): void {
    this.#onLost = null;
    this.client.disconnect();
  }

  /** Ends the connection at once: nobody waits for a server that no longer answers. */
  destroy(): void {
    this.#onLost = null;
    // Before: a cluster forgets its nodes when it is disconnected.
    const sockets = socketsOf(this.client);
    this.client.disconnect();
    for (const socket of sockets) {
      socket.destroy();
    }
  }
}
