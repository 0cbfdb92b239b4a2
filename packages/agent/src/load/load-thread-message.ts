/** What a thread of a load is started with; it crosses threads, so that it holds data only. */
export interface LoadThreadData {
  /** Of the load's `StopFlag`. */
  readonly stop: SharedArrayBuffer;
  readonly endsAtMonotonicInMs: number;
}

export interface ProcessorThreadData extends LoadThreadData {
  readonly cores: number;
}

export interface MemoryThreadData extends LoadThreadData {
  readonly bytes: number;
  /** Where /proc and the control groups are looked for. */
  readonly limitsRoot: string;
}

/** What a thread of a load says, once. */
export type FromLoadThread =
  | { readonly type: "in-effect" }
  | { readonly type: "refused"; readonly message: string };
