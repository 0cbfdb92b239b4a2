import type { RedisState } from "@fleetquake/contract";

/** How an agent stands. */
export interface AgentState {
  /** Whether commands reach this process. */
  readonly busConnected: boolean;
  /** Whether the fleet has been told of this process. */
  readonly isAnnounced: boolean;
  /** How often the agent's thread had to be started again. */
  readonly threadRestarts: number;
  /** The process's connections as its agent counts them. */
  readonly redis: RedisState;
}

export interface ReadyOptions {
  /** @default 10000 */
  readonly timeoutInMs?: number;
}

/** The part of the fleet that lives in this process. */
export interface Agent extends AsyncDisposable {
  readonly replicaId: string;
  readonly instanceId: string;
  /**
   * Resolves when the fleet has been told of this process, and keeps the process alive until then.
   * @throws when that did not happen within the timeout, or the agent was stopped; the agent goes on trying.
   */
  ready(options?: ReadyOptions): Promise<void>;
  /** From memory. */
  state(): AgentState;
  /** The application has finished a unit of work, a job for example: after a reset the first one is a moment of its recovery. */
  recordWork(): void;
  /**
   * To be awaited by a job processor before it begins each job: resolves at once, or when a hang of scope `jobs` is over
   * or released. Never rejects, keeps no process alive, and resolves when the agent is stopped. The call also tells the
   * agent that there are jobs which can be held: an application that never calls it refuses such hangs, so that a
   * worker should call it once at its start.
   */
  untilWorkAllowed(): Promise<void>;
  /** Says goodbye and leaves nothing behind; bounded by a few seconds. Calling it again changes nothing. */
  stop(): Promise<void>;
}
