import type { Clock, HangStatus, Timer } from "@fleetquake/contract";

/** How a request's hang ended. */
export type HangEnd = "completed" | "released" | "gone" | "shutting-down";

interface RequestHang {
  readonly endsAtMonotonicInMs: number | null;
  readonly end: (end: HangEnd) => void;
}

/** The requests that hang in this API, at most one at a time; nothing else is held up by it. */
export class RequestHangs {
  readonly #clock: Clock;
  #hang: RequestHang | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What the status says of it; 0 seconds left while it is active: until it is released. */
  get status(): HangStatus {
    const hang = this.#hang;
    if (hang === null) {
      return { active: false, scope: null, remaining_seconds: 0 };
    }
    const leftInMs = (hang.endsAtMonotonicInMs ?? 0) - this.#clock.monotonicInMs();
    return {
      active: true,
      scope: "request",
      remaining_seconds: Math.max(0, Math.ceil(leftInMs / 1_000)),
    };
  }

  /**
   * Lets a request hang; resolves when it is over.
   * @param durationInSeconds 0: until it is released or its client goes away
   * @param gone fires when the client has gone away
   * @throws {Error} when one hangs already.
   */
  hang(durationInSeconds: number, gone: AbortSignal): Promise<HangEnd> {
    if (this.#hang !== null) {
      throw new Error("a request hangs already");
    }
    return new Promise((resolve) => {
      let timer: Timer | null = null;
      const end = (how: HangEnd): void => {
        timer?.cancel();
        gone.removeEventListener("abort", onGone);
        this.#hang = null;
        resolve(how);
      };
      const onGone = (): void => end("gone");
      const spanInMs = durationInSeconds * 1_000;
      const endsAtMonotonicInMs =
        durationInSeconds === 0 ? null : this.#clock.monotonicInMs() + spanInMs;
      this.#hang = { endsAtMonotonicInMs, end };
      if (durationInSeconds > 0) {
        timer = this.#clock.after(spanInMs, () => end("completed"));
      }
      gone.addEventListener("abort", onGone);
      if (gone.aborted) {
        onGone();
      }
    });
  }

  /** @returns whether one hung. */
  release(how: "released" | "shutting-down" = "released"): boolean {
    const hang = this.#hang;
    hang?.end(how);
    return hang !== null;
  }
}
