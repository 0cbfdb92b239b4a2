import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from "jose";
import type { Clock, Log } from "@fleetquake/contract";
import { ProblemError } from "../problems/problem-error.ts";

/** Keys are used as they are for so long, and then while new ones are fetched behind the caller's back. */
const FRESH_IN_MS = 10 * 60_000;
/** Without an answer the last keys are trusted for so long: an outage of Entra ID must not be one of this API. */
const TRUSTED_IN_MS = 24 * 60 * 60_000;
/** Tokens with unknown keys may cause no more than one fetch in this span: anybody can write them. */
const UNKNOWN_KEY_COOL_DOWN_IN_MS = 10_000;
const FAILURE_COOL_DOWN_IN_MS = 2_000;

type KeySet = ReturnType<typeof createLocalJWKSet>;

export interface EntraKeysOptions {
  /** Gets the document in which they are published. */
  readonly fetchKeys: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The signing keys that a tenant publishes (RFC 7517), fetched when they are needed and kept. */
export class EntraKeys {
  readonly #options: EntraKeysOptions;
  #keys: { readonly set: KeySet; readonly fetchedAtInMs: number } | null = null;
  #fetching: Promise<void> | null = null;
  #failedAtInMs = Number.NEGATIVE_INFINITY;
  #soughtAtInMs = Number.NEGATIVE_INFINITY;

  constructor(options: EntraKeysOptions) {
    this.#options = options;
  }

  /**
   * The key that a token says it was signed with; one that is not known yet is looked for where keys are published, so
   * that a change of keys is not noticed.
   * @throws {JWKSNoMatchingKey} when there is no such key.
   * @throws {ProblemError} 503 when that cannot be told now.
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    const known = await this.#current();
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) {
        throw error;
      }
    }
    await this.#seekUnknown();
    const latest = await this.#current();
    return await latest(header, token);
  }

  async #current(): Promise<KeySet> {
    const ageInMs = this.#now() - (this.#keys?.fetchedAtInMs ?? Number.NEGATIVE_INFINITY);
    if (this.#keys === null || ageInMs >= TRUSTED_IN_MS) {
      await this.#fetchUnlessFailing();
    } else if (ageInMs >= FRESH_IN_MS && !this.#isFailing()) {
      // Whoever waits for it, or the next one who needs it, is told of a failure; the log is in any case.
      void this.#fetch().catch(() => undefined);
    }
    if (this.#keys === null) {
      throw this.#unavailable();
    }
    return this.#keys.set;
  }

  async #seekUnknown(): Promise<void> {
    const now = this.#now();
    if (this.#fetching === null && now - this.#soughtAtInMs < UNKNOWN_KEY_COOL_DOWN_IN_MS) {
      if (this.#isFailing()) {
        throw this.#unavailable();
      }
      return;
    }
    this.#soughtAtInMs = this.#fetching === null ? now : this.#soughtAtInMs;
    await this.#fetchUnlessFailing();
  }

  async #fetchUnlessFailing(): Promise<void> {
    if (this.#isFailing()) {
      throw this.#unavailable();
    }
    try {
      await this.#fetch();
    } catch (cause) {
      throw this.#unavailable(cause);
    }
  }

  /** One fetch at a time, whoever waits for it. */
  #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = null;
    });
    return this.#fetching;
  }

  async #fetchOnce(): Promise<void> {
    const { fetchKeys, log } = this.#options;
    try {
      const set = keySetOf(await fetchKeys());
      this.#keys = { set, fetchedAtInMs: this.#now() };
      this.#failedAtInMs = Number.NEGATIVE_INFINITY;
      log.debug("identity-keys-fetched");
    } catch (cause) {
      this.#failedAtInMs = this.#now();
      log.warn("identity-keys-unavailable", { reason: String(cause) });
      throw cause;
    }
  }

  #isFailing(): boolean {
    return this.#now() - this.#failedAtInMs < FAILURE_COOL_DOWN_IN_MS;
  }

  #unavailable(cause?: unknown): ProblemError {
    return new ProblemError(
      "IDENTITY_UNAVAILABLE",
      "The keys of Microsoft Entra ID cannot be fetched, so that no token can be checked; X-API-Key works meanwhile.",
      { cause, reason: "identity-unavailable", retryAfterInMs: FAILURE_COOL_DOWN_IN_MS },
    );
  }

  #now(): number {
    return this.#options.clock.monotonicInMs();
  }
}

function keySetOf(document: unknown): KeySet {
  const isKeySet = (value: unknown): value is JSONWebKeySet =>
    typeof value === "object" &&
    value !== null &&
    "keys" in value &&
    Array.isArray(value.keys) &&
    value.keys.length > 0;
  if (!isKeySet(document)) {
    throw new Error("The answer is no set of keys");
  }
  return createLocalJWKSet(document);
}
