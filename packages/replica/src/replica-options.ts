import type { Clock, Log, ReplicaIdentity } from "@fleetquake/contract";
import type { FaultPorts } from "./faults/fault-set.ts";
import type { HaltMemory } from "./halt-flag.ts";
import type { ReplicaReport } from "./replica-reports.ts";
import type { ReplicaBus } from "./ports/replica-bus.ts";

/** What a replica is made of. */
export interface ReplicaOptions {
  readonly identity: ReplicaIdentity;
  /** Started by `start`; closing it is left to whoever made it. */
  readonly bus: ReplicaBus;
  /** What the process can do to itself; each fault still needs the application's consent. */
  readonly ports: FaultPorts;
  readonly clock: Clock;
  /** The span between heartbeats in milliseconds until a roll-call sets another. */
  readonly heartbeatIntervalInMs: number;
  readonly log: Log;
  /** When the process started, by the monotonic clock. */
  readonly startedAtMonotonicInMs: number;
  /** A number from 0 to 1 for spreading answers; `Math.random` where nothing depends on it. */
  readonly random: () => number;
  /** What an earlier replica core of the same process knew; absent at its first start. */
  readonly memory?: ReplicaMemory;
  /** The connection to the bus, `isAnnounced` or `memory()` may have changed. */
  readonly onChange?: () => void;
  /** Is told what this replica did and how it came back; must not throw. @default nobody */
  readonly onReport?: (report: ReplicaReport) => void;
}

/** What must survive a restart of the replica's core within one process. */
export interface ReplicaMemory {
  /** By fault. */
  readonly epochs: Readonly<Record<string, number>>;
  readonly halt: HaltMemory;
  readonly lastReset: string | null;
}
