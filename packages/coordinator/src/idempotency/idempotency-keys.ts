import { createHash } from "node:crypto";
import type { Clock, LedgerEntry, Log, Timer } from "@fleetquake/contract";
import type { FleetLock } from "../ports/fleet-lock.ts";
import { readIdempotencyRecord, type IdempotencyRecord } from "../records/idempotency-record.ts";

/** How long a key is remembered, and how long one of this process's keys stays to be cleared away. */
const KEPT_IN_MS = 24 * 3_600_000;
const SWEEP_EVERY_IN_MS = 60_000;
const LOCK_TIMEOUT_IN_MS = 2_000;
/** Keys beyond these many are left to the end of the queue. */
const MAX_SWEPT = 10_000;

export interface IdempotencyKeysOptions {
  readonly lock: FleetLock;
  readonly clock: Clock;
  readonly log: Log;
}

/** A request that carries a key. */
export interface KeyedRequest {
  /** Whose key it is and what for: caller and route. */
  readonly scope: string;
  readonly key: string;
  /** The body, in a form that is the same for the same body. */
  readonly body: string;
  /** The id that its command gets, if it is the first. */
  readonly commandId: string;
}

/** What a key was found to be. */
export type KeyState =
  /** Nobody has used it: the command may be sent. */
  | { readonly kind: "new"; readonly claim: ClaimedKey }
  /** The same request was made before: `record.totals` is null while it runs. */
  | { readonly kind: "known"; readonly record: IdempotencyRecord }
  /** It was used for another body. */
  | { readonly kind: "mismatch"; readonly record: IdempotencyRecord };

/** A key that this request was the first to use. */
export interface ClaimedKey {
  /** The command was refused: the key may be used again. Never rejects. */
  forget(): Promise<void>;
  /** The command is over. Never rejects. */
  settle(entry: LedgerEntry): Promise<void>;
}

/** Remembers over all API replicas which requests were made under which key, for a day. */
export class IdempotencyKeys implements AsyncDisposable {
  readonly #options: IdempotencyKeysOptions;
  /** Own keys by the name of their lock, with the moment (wall clock) from which they may be cleared. */
  readonly #own = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(options: IdempotencyKeysOptions) {
    this.#options = options;
  }

  /**
   * Looks a key up, and takes it if it is free.
   * @throws {LockContendedError} when a request with the same key is being taken in at this moment.
   * @throws {BusUnavailableError} when the bus cannot be reached.
   */
  take(request: KeyedRequest): Promise<KeyState> {
    const name = lockName(request);
    const bodyHash = hash(request.body);
    return this.#withRecord<KeyState>(name, (known) => {
      if (known !== null && known.expiresAtInMs > this.#options.clock.nowInMs()) {
        const kind = known.bodyHash === bodyHash ? "known" : "mismatch";
        return { result: { kind, record: known } };
      }
      const startedAtInMs = Math.floor(this.#options.clock.nowInMs());
      const expiresAtInMs = startedAtInMs + KEPT_IN_MS;
      const record: IdempotencyRecord = {
        bodyHash,
        commandId: request.commandId,
        startedAtInMs,
        expiresAtInMs,
        totals: null,
      };
      this.#keepInMind(name, expiresAtInMs);
      return { result: { kind: "new", claim: this.#claim(name, record) }, record };
    });
  }

  /** Stops the sweeping; what is written down stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel();
    await Promise.resolve();
  }

  #claim(name: string, record: IdempotencyRecord): ClaimedKey {
    return {
      forget: () => this.#write(name, record, null),
      settle: (entry) => this.#write(name, record, { ...record, totals: totalsOf(entry) }),
    };
  }

  async #write(
    name: string,
    claimed: IdempotencyRecord,
    next: IdempotencyRecord | null,
  ): Promise<void> {
    try {
      await this.#withRecord(name, (known) =>
        known?.commandId === claimed.commandId
          ? { result: undefined, record: next }
          : { result: undefined },
      );
    } catch (error) {
      // A key that is not settled says 409 to whoever repeats it: nothing is injected twice.
      this.#options.log.warn("idempotency-key-not-written", {
        command_id: claimed.commandId,
        error,
      });
    }
  }

  #withRecord<T>(
    name: string,
    decide: (known: IdempotencyRecord | null) => {
      readonly result: T;
      readonly record?: IdempotencyRecord | null;
    },
  ): Promise<T> {
    return this.#options.lock.withLock(
      name,
      async (held) => {
        const { result, record } = decide(readIdempotencyRecord(await held.read()));
        if (record !== undefined) {
          await held.write(record);
        }
        return result;
      },
      { timeoutInMs: LOCK_TIMEOUT_IN_MS },
    );
  }

  #keepInMind(name: string, expiresAtInMs: number): void {
    if (this.#own.size < MAX_SWEPT) {
      this.#own.set(name, expiresAtInMs);
    }
    this.#timer ??= this.#options.clock.after(SWEEP_EVERY_IN_MS, () => void this.#sweep());
  }

  /** Clears what has expired; a key that cannot be cleared now is tried again a minute later. */
  async #sweep(): Promise<void> {
    this.#timer = undefined;
    for (const [name, expiresAtInMs] of this.#own) {
      if (expiresAtInMs > this.#options.clock.nowInMs()) {
        continue;
      }
      try {
        await this.#withRecord(name, (known) => {
          const isExpired = known !== null && known.expiresAtInMs <= this.#options.clock.nowInMs();
          return { result: undefined, ...(isExpired ? { record: null } : {}) };
        });
        this.#own.delete(name);
      } catch (error) {
        this.#options.log.debug("idempotency-key-not-swept", { error });
      }
    }
    if (this.#own.size > 0) {
      this.#timer ??= this.#options.clock.after(SWEEP_EVERY_IN_MS, () => void this.#sweep());
    }
  }
}

/** Names of sessions are short and public: neither the key nor the caller can be read from them. */
function lockName({ scope, key }: KeyedRequest): string {
  return `idem-${hash(`${scope.length}:${scope}${key}`).slice(0, 40)}`;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function totalsOf(entry: LedgerEntry): IdempotencyRecord["totals"] {
  return {
    outcome: entry.outcome,
    published: entry.published,
    connectionsClosed: entry.connections_closed,
    durationInMs: entry.duration_ms ?? 0,
    fleet: entry.fleet,
  };
}
