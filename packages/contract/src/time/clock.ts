/** A timer that can be called off; calling off twice is harmless. */
export interface Timer {
  cancel(): void;
}

/** Where the domain takes time from. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. It may jump. */
  nowInMs(): number;
  /** Monotonic clock, milliseconds since an unknown moment. Durations come from here. */
  monotonicInMs(): number;
  /** Calls back once after a span. The timer keeps no process alive. */
  after(spanInMs: number, callback: () => void): Timer;
}
