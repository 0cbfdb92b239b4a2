import type { RedisState, ReplicaIdentity } from "@fleetquake/contract";
import type { ReplicaMemory } from "@fleetquake/replica";
import type { HangMemory } from "../hang/hang-memory.ts";
import type { ControlCredentialsOptions } from "../control/control-credentials.ts";
import type { AgentBus } from "../start-agent-options.ts";

/** Everything that the agent's thread is started with; it crosses threads, so that it holds data only. */
export interface ThreadSettings {
  readonly identity: ReplicaIdentity;
  readonly bus: AgentBus;
  /** null: no control connection. */
  readonly redis: ControlCredentialsOptions | null;
  /** Whether the application has told of short-lived tokens. */
  readonly hasRedisTokens: boolean;
  /** null: commands need no signature. */
  readonly commandPublicKey: string | null;
  readonly heartbeatIntervalInMs: number;
  readonly startedAtMonotonicInMs: number;
  /** The connections at the start. */
  readonly state: RedisState;
  /** What the thread before this one knew; null for the first. */
  readonly memory: ReplicaMemory | null;
  /** Whether anybody listens to what the thread logs. */
  readonly forwardsLog: boolean;
  /** Whether anybody wants to know what the replica did. */
  readonly forwardsReports: boolean;
  /** Set when the goodbye of an exiting process has been said. */
  readonly farewell: SharedArrayBuffer;
  /** Memory of the process's RedisBlockCell: what keeps new connections to Redis out. */
  readonly block: SharedArrayBuffer;
  /** Hangs outlive the thread that began them: the next one can still end them. */
  readonly hang: HangMemory;
}
