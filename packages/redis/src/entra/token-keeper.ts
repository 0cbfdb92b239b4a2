import type { Clock, Log, Timer } from "@fleetquake/contract/plain";
import { backoffInMs } from "../pool/backoff.ts";
import type { FetchToken } from "./azure-tokens.ts";
import { fetchWithin } from "./fetch-within.ts";
import { makeExpiredToken } from "./expired-token.ts";
import { refreshDelayInMs } from "./refresh-delay.ts";
import type { RedisCredentials, RedisTokens } from "./redis-tokens.ts";
import type { RedisToken } from "./redis-token.ts";

/** One attempt; the library's own retries are inside of it. */
const ATTEMPT_TIMEOUT_IN_MS = 10_000;
const ATTEMPTS_IN_A_ROW = 4;
const ATTEMPT_BACKOFF = { baseInMs: 250, capInMs: 2_000 };
/** After a row of failures the issuer is left alone, longer and longer. */
const ROW_BACKOFF = { baseInMs: 2_000, capInMs: 60_000 };

export interface TokenKeeperOptions {
  readonly fetchToken: FetchToken;
  readonly clock: Clock;
  readonly log: Log;
  /** @default Math.random */
  readonly random?: () => number;
}

interface HeldToken extends RedisToken {
  readonly expiresAtMonotonicInMs: number;
}

/**
 * Keeps a token of Entra ID fresh: gets the first one, and another one well before each expires.
 * A refresh that fails is repeated, a few times in a row and then after a growing pause; meanwhile the old token is
 * used, since it may be good for long. Nothing is logged of a token but who it is for and how long it lasts.
 */
export class TokenKeeper implements RedisTokens, Disposable {
  readonly #options: TokenKeeperOptions;
  readonly #listeners = new Set<() => void>();
  readonly #closing = new AbortController();
  #newest: HeldToken | null = null;
  #refresh: Promise<void> | null = null;
  #timer: Timer | null = null;
  #failedRows = 0;
  #generation = 0;
  #rehearsal: { readonly credentials: RedisCredentials; readonly timer: Timer } | null = null;

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
  }

  /** Gets the first token; resolves when it is there, or could not be had. To be called once. */
  start(): Promise<void> {
    return this.#beginRefresh();
  }

  get credentials(): RedisCredentials | null {
    return this.#rehearsal?.credentials ?? this.#newest;
  }

  get newest(): RedisCredentials | null {
    return this.#newest;
  }

  get generation(): number {
    return this.#generation;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  whenSettled(): Promise<void> {
    return this.#refresh ?? Promise.resolve();
  }

  whenUsable(abortSignal: AbortSignal): Promise<void> {
    if (this.#isUsable() || abortSignal.aborted) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const settle = (): void => {
        stopListening();
        abortSignal.removeEventListener("abort", settle);
        resolve();
      };
      const stopListening = this.onChange(() => {
        if (this.#isUsable()) {
          settle();
        }
      });
      abortSignal.addEventListener("abort", settle);
    });
  }

  beginExpiry(endsAtMonotonicInMs: number): void {
    if (this.#newest === null) {
      const message = "No token for Redis has come yet: there is none that could expire.";
      throw Object.assign(new Error(message), { code: "NO_REDIS_TOKEN" });
    }
    const { clock, log } = this.#options;
    this.#rehearsal?.timer.cancel();
    const { username, password } = this.#newest;
    this.#rehearsal = {
      credentials: { username, password: makeExpiredToken(password, clock.nowInMs()) },
      timer: clock.after(endsAtMonotonicInMs - clock.monotonicInMs(), () => this.endExpiry()),
    };
    log.warn("redis-token-expiry-began");
    this.#tell();
  }

  endExpiry(): void {
    if (this.#rehearsal !== null) {
      this.#rehearsal.timer.cancel();
      this.#rehearsal = null;
      this.#options.log.warn("redis-token-expiry-ended");
      this.#change();
    }
  }

  /** Gets no further tokens; whoever waits goes on. Idempotent. */
  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#timer?.cancel();
    this.#rehearsal?.timer.cancel();
    this.#rehearsal = null;
  }

  #isUsable(): boolean {
    const expiresAtInMs = this.#newest?.expiresAtMonotonicInMs ?? 0;
    return this.#rehearsal !== null || this.#options.clock.monotonicInMs() < expiresAtInMs;
  }

  #beginRefresh(): Promise<void> {
    this.#refresh ??= this.#refreshInARow().finally(() => {
      this.#refresh = null;
    });
    return this.#refresh;
  }

  async #refreshInARow(): Promise<void> {
    const { clock, log, random } = this.#options;
    for (let attempt = 1; !this.#closing.signal.aborted; attempt += 1) {
      const error = await this.#attempt();
      if (error === null || this.#closing.signal.aborted) {
        return;
      }
      if (attempt === ATTEMPTS_IN_A_ROW) {
        this.#failedRows += 1;
        const againInMs = backoffInMs(ROW_BACKOFF, this.#failedRows, random);
        log.error("redis-token-missing", { error, again_in_ms: Math.round(againInMs) });
        this.#refreshLater(againInMs);
        return;
      }
      log.warn("redis-token-refresh-failed", { error, attempt });
      const pauseInMs = backoffInMs(ATTEMPT_BACKOFF, attempt, random);
      await new Promise<void>((resolve) => clock.after(pauseInMs, resolve));
    }
  }

  /** @returns what went wrong, fit to be logged; null: there is a token. */
  async #attempt(): Promise<string | null> {
    const { clock, fetchToken } = this.#options;
    try {
      const token = await fetchWithin(fetchToken, {
        clock,
        timeoutInMs: ATTEMPT_TIMEOUT_IN_MS,
        abortSignal: this.#closing.signal,
      });
      return this.#take(token);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #take(token: RedisToken): string | null {
    const { clock, log, random = Math.random } = this.#options;
    const leftInMs = token.expiresAtInMs - clock.nowInMs();
    if (leftInMs <= 0) {
      return "the token that came has expired already; look at this machine's clock";
    }
    if (this.#closing.signal.aborted) {
      return null;
    }
    const isUnchanged = token.password === this.#newest?.password;
    this.#newest = { ...token, expiresAtMonotonicInMs: clock.monotonicInMs() + leftInMs };
    this.#failedRows = 0;
    const { refreshAfterInMs } = token;
    this.#refreshLater(
      refreshDelayInMs({
        leftInMs,
        unchangedForInMs: refreshAfterInMs === null ? null : refreshAfterInMs - clock.nowInMs(),
        isUnchanged,
        random: random(),
      }),
    );
    if (!isUnchanged) {
      const expires_in_ms = Math.round(leftInMs);
      log.debug("redis-token-refreshed", { user: token.username, expires_in_ms });
      this.#change();
    }
    return null;
  }

  #refreshLater(delayInMs: number): void {
    this.#timer?.cancel();
    if (!this.#closing.signal.aborted) {
      this.#timer = this.#options.clock.after(delayInMs, () => void this.#beginRefresh());
    }
  }

  #change(): void {
    this.#generation += 1;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
