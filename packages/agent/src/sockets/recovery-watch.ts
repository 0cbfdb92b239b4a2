import type { Clock, Timer } from "@fleetquake/contract";
import type { RecoveryObservation } from "@fleetquake/replica";
import { onFirstSuccess } from "./first-success.ts";
import type { SocketLedger } from "./socket-ledger.ts";
import type { TrackedConnection } from "./tracked-connection.ts";

/** A replica that has not come back by then is reported as it is. */
const LONGEST_WATCH_IN_MS = 60_000;
/** Looks are frequent while a figure of some milliseconds may come of them. */
const LOOKS = [
  { untilInMs: 1_000, everyInMs: 5 },
  { untilInMs: 5_000, everyInMs: 25 },
  { untilInMs: LONGEST_WATCH_IN_MS, everyInMs: 250 },
] as const;

export interface RecoveryWatchOptions {
  readonly ledger: SocketLedger;
  readonly clock: Clock;
  /** How many connections have to come back. */
  readonly expected: number;
  /** Of the newest connection before the close. */
  readonly lastSerial: number;
  /** When the close was, by the monotonic clock. */
  readonly sinceInMs: number;
}

/**
 * Watches a replica come back after a close: created just before it, or as soon as the loop is free to, ends by itself
 * when everything is back, after a minute, or when it is stopped. Outside of a watch nothing is looked at, nor before the
 * first connection is opened anew.
 */
export class RecoveryWatch {
  readonly #ledger: SocketLedger;
  readonly #clock: Clock;
  readonly #sinceInMs: number;
  readonly #startedAtInMs: number;
  readonly #lastSerial: number;
  readonly #expected: number;
  readonly #stopObserving: () => void;
  readonly #readAlong = new Set<() => void>();
  #timer: Timer;
  #isLooking = false;
  #back = 0;
  #attempts = 0;
  #errors = 0;
  #socketInMs: number | null = null;
  #allBackInMs: number | null = null;
  #commandInMs: number | null = null;
  #workInMs: number | null = null;

  constructor({ ledger, clock, expected, lastSerial, sinceInMs }: RecoveryWatchOptions) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#sinceInMs = sinceInMs;
    this.#startedAtInMs = clock.monotonicInMs();
    this.#expected = expected;
    this.#lastSerial = lastSerial;
    this.#attempts = ledger.lastSerial - lastSerial;
    this.#stopObserving = ledger.observe({
      onOpened: (connection) => this.#open(connection),
      onClosed: (connection, hadError) => {
        this.#errors += hadError && connection.serial > this.#lastSerial ? 1 : 0;
      },
    });
    this.#timer = clock.after(LONGEST_WATCH_IN_MS, () => this.stop());
    if (this.#attempts > 0 || expected === 0) {
      this.#beginToLook();
    }
  }

  /** When the close was, by the monotonic clock. */
  get sinceInMs(): number {
    return this.#sinceInMs;
  }

  observation(): RecoveryObservation {
    return {
      connectionsExpected: this.#expected,
      connectionsBack: this.#back,
      socketRecoveredInMs: this.#socketInMs,
      allBackInMs: this.#allBackInMs,
      commandRecoveredInMs: this.#commandInMs,
      workRecoveredInMs: this.#workInMs,
      reconnectAttempts: this.#attempts,
      errorsSeen: this.#errors,
    };
  }

  /** The application has finished a unit of work; over what stood before a drain is over, it shows no recovery. */
  recordWork(): void {
    if (this.#socketInMs !== null) {
      this.#workInMs ??= this.#sinceCloseInMs();
    }
  }

  stop(): void {
    this.#timer.cancel();
    this.#stopObserving();
    this.#stopReadingAlong();
  }

  #beginToLook(): void {
    if (!this.#isLooking) {
      this.#isLooking = true;
      this.#timer.cancel();
      this.#lookSoon();
    }
  }

  #open(connection: TrackedConnection): void {
    this.#attempts += 1;
    this.#beginToLook();
    // One that has written already cannot be read along from its first command on.
    if (this.#commandInMs === null && connection.socket.bytesWritten === 0) {
      this.#readAlong.add(
        onFirstSuccess(connection.socket, () => {
          this.#commandInMs ??= this.#sinceCloseInMs();
          // Looks come in intervals: the answer may be there before the next one sees its socket.
          this.#socketInMs ??= this.#commandInMs;
          this.#stopReadingAlong();
        }),
      );
    }
  }

  #look(): void {
    const passedInMs = this.#sinceCloseInMs();
    this.#back = this.#ledger
      .connections()
      .filter(
        (connection) => connection.serial > this.#lastSerial && standsWithReply(connection),
      ).length;
    if (this.#back > 0) {
      this.#socketInMs ??= passedInMs;
    }
    if (this.#back >= this.#expected) {
      this.#allBackInMs ??= passedInMs;
    }
    if (this.#allBackInMs !== null && this.#commandInMs !== null) {
      this.stop();
    } else {
      this.#lookSoon();
    }
  }

  #lookSoon(): void {
    const watchedInMs = this.#clock.monotonicInMs() - this.#startedAtInMs;
    const pace = LOOKS.find(({ untilInMs }) => watchedInMs < untilInMs);
    if (pace === undefined) {
      this.stop();
    } else {
      this.#timer = this.#clock.after(pace.everyInMs, () => this.#look());
    }
  }

  #sinceCloseInMs(): number {
    return this.#clock.monotonicInMs() - this.#sinceInMs;
  }

  #stopReadingAlong(): void {
    for (const stop of this.#readAlong) {
      stop();
    }
    this.#readAlong.clear();
  }
}

/** Whether a connection stands and its server has answered on it. */
export function standsWithReply({ phase, hasReply }: TrackedConnection): boolean {
  return phase === "established" && hasReply;
}
