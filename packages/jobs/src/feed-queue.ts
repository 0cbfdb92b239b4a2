/** How many jobs a queue holds in each state. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/** What a queue says of one job when asked. */
export type SeenJob =
  | { readonly state: "completed"; readonly run: number | null }
  | { readonly state: "failed" | "pending" | "missing" };

/** Who hears of jobs; events may be told twice. */
export interface QueueListener {
  completed(id: string, run: number | null): void;
  failed(id: string): void;
  stalled(id: string): void;
}

/** The queue as the feed needs it. Every call settles within some seconds; while Redis is away within one. */
export interface FeedQueue {
  /** Whether Redis can be reached, and events are heard from a known moment on. */
  readonly isReady: boolean;
  /** Opens what hearing of jobs needs; harmless when it is open. */
  listen(listener: QueueListener): void;
  /** @throws Error when it is not certain that each of the jobs is in the queue; some may be. */
  add(ids: readonly string[]): Promise<void>;
  /** In the order of the ids. */
  look(ids: readonly string[]): Promise<readonly SeenJob[]>;
  /** Whether the queue still knows every job that has completed since a moment of the wall clock, in milliseconds. */
  remembersSince(sinceInMs: number): Promise<boolean>;
  counts(): Promise<QueueCounts>;
  close(): Promise<void>;
}
