import type { RedisClient } from "../client/redis-client.ts";
import { openRedisAccess, type RedisAccess } from "../open-redis-access.ts";
import type { RedisSettings } from "../read-redis-settings.ts";
import { backoffInMs } from "./backoff.ts";
import { ConnectionPool, type PoolCounts } from "./connection-pool.ts";
import { RedisConnection } from "./redis-connection.ts";
import { RedisOperationError } from "./redis-operation-error.ts";

export interface SamplePoolOptions {
  readonly settings: RedisSettings;
  /** The way to Redis, where others use it too; closing it is left to the caller. @default one of its own */
  readonly access?: RedisAccess;
  /**
   * A connection that was not used for this long is closed, in milliseconds.
   * @default 60000
   */
  readonly idleTimeoutInMs?: number;
}

export interface RunOptions {
  /**
   * The whole operation, retries and waiting for a connection included, in milliseconds.
   * @default no bound beyond those of connecting, of each command and of the retries
   */
  readonly timeoutInMs?: number;
  /** @default `maxRetries` of the settings */
  readonly maxRetries?: number;
}

/** The sample application's connections. */
export interface SamplePool extends AsyncDisposable {
  readonly counts: PoolCounts;
  /**
   * Runs an operation on a connection of its own.
   *
   * A lost connection is replaced and the operation tried again, so that it may run twice on the server. An error that
   * the server answered with is not retried.
   * @throws {RedisOperationError} with the cause as message, free of credentials.
   */
  run<T>(operation: (client: RedisClient) => Promise<T>, options?: RunOptions): Promise<T>;
  /** Closes every connection; operations under way fail. Idempotent. */
  close(): Promise<void>;
}

const DEFAULT_IDLE_TIMEOUT_IN_MS = 60_000;

/** Makes the pool; the first connection is opened by the first operation, so that Redis may be down at start. */
export function createSamplePool(options: SamplePoolOptions): SamplePool {
  const { settings } = options;
  const { access = openRedisAccess(settings) } = options;
  const pool = new ConnectionPool<RedisConnection>({
    open: () => RedisConnection.open({ access, settings }),
    maxConnections: settings.maxConnections,
    idleTimeoutInMs: options.idleTimeoutInMs ?? DEFAULT_IDLE_TIMEOUT_IN_MS,
    backoff: { baseInMs: settings.backoffBaseInMs, capInMs: settings.backoffCapInMs },
  });
  const close = (): Promise<void> => {
    pool.close();
    if (options.access === undefined) {
      access[Symbol.dispose]();
    }
    return Promise.resolve();
  };
  return {
    get counts() {
      return pool.counts;
    },
    run: (operation, runOptions = {}) => runWithRetries(pool, settings, operation, runOptions),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function runWithRetries<T>(
  pool: ConnectionPool<RedisConnection>,
  settings: RedisSettings,
  operation: (client: RedisClient) => Promise<T>,
  options: RunOptions,
): Promise<T> {
  const endsAtInMs = performance.now() + (options.timeoutInMs ?? Number.POSITIVE_INFINITY);
  const maxRetries = options.maxRetries ?? settings.maxRetries;
  for (let retry = 1; ; retry += 1) {
    const leftInMs = endsAtInMs - performance.now();
    const outcome = await runOnce(pool, operation, {
      acquireInMs: Math.min(settings.socketTimeoutInMs + settings.connectTimeoutInMs, leftInMs),
      leftInMs,
    });
    if (outcome.ok) {
      return outcome.value;
    }
    const { error } = outcome;
    const waitInMs = outcome.wasStale
      ? 0
      : backoffInMs(
          { baseInMs: settings.backoffBaseInMs, capInMs: settings.backoffCapInMs },
          retry,
        );
    const isFinal = !error.isConnectionFailure || retry > maxRetries;
    if (isFinal || performance.now() + waitInMs >= endsAtInMs) {
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, waitInMs).unref());
  }
}

type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: RedisOperationError; readonly wasStale: boolean };

async function runOnce<T>(
  pool: ConnectionPool<RedisConnection>,
  operation: (client: RedisClient) => Promise<T>,
  options: { readonly acquireInMs: number; readonly leftInMs: number },
): Promise<Attempt<T>> {
  let connection: RedisConnection;
  try {
    connection = await pool.acquire(options.acquireInMs);
  } catch (error) {
    return { ok: false, error: asOperationError(error), wasStale: false };
  }
  try {
    const value = await within(operation(connection.client), options.leftInMs);
    pool.release(connection);
    return { ok: true, value };
  } catch (error) {
    const failure = connection.describe(error);
    // Cut while it was ours, and not merely slow: a fresh connection may well work at once.
    const wasStale = failure.isConnectionFailure && connection.client.status === "end";
    if (failure.isConnectionFailure) {
      pool.discard(connection);
    } else {
      pool.release(connection);
    }
    return { ok: false, error: failure, wasStale };
  }
}

function asOperationError(error: unknown): RedisOperationError {
  return error instanceof RedisOperationError
    ? error
    : new RedisOperationError(String(error), { cause: error, isConnectionFailure: true });
}

async function within<T>(promise: Promise<T>, spanInMs: number): Promise<T> {
  if (!Number.isFinite(spanInMs)) {
    return promise;
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const message = `no reply within ${Math.round(spanInMs)} ms`;
      reject(new RedisOperationError(message, { isConnectionFailure: true }));
    }, spanInMs);
    timer.unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
