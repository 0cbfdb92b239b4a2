import type { BlockMode } from "@fleetquake/contract";

export interface RedisBlockOptions {
  readonly mode: BlockMode;
  /** By the machine's monotonic clock (`Clock.monotonicInMs`): the block ends by itself at this moment. */
  readonly endsAtMonotonicInMs: number;
}

/** Keeps new connections to Redis from being made in this process; established ones live on. */
export interface RedisBlockSwitch {
  /** Begins a block, or replaces the one that stands; in effect when it resolves, also while the event loop hangs. */
  begin(options: RedisBlockOptions): Promise<void>;
  /** Lets connections through again. Idempotent. */
  end(): Promise<void>;
}
