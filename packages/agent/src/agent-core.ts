import { readCommandPublicKeys } from "@fleetquake/bus/command-key";
import { createReplicaBus, type BusConnection } from "@fleetquake/bus";
import { systemClock, type Log, type ReplicaIdentity } from "@fleetquake/contract";
import {
  Replica,
  type CloseReplicaOptions,
  type FaultPorts,
  type ReplicaMemory,
  type ReplicaReport,
} from "@fleetquake/replica";

export interface AgentCoreOptions {
  readonly identity: ReplicaIdentity;
  readonly bus: BusConnection;
  /** What the process can do to itself. */
  readonly ports: FaultPorts;
  /** null: commands need no signature. */
  readonly commandPublicKey: string | null;
  readonly heartbeatIntervalInMs: number;
  readonly log: Log;
  readonly startedAtMonotonicInMs: number;
  readonly memory?: ReplicaMemory;
  /** The connection to the bus, what the fleet knows of the replica, or what the replica remembers has changed. */
  readonly onChange?: () => void;
  /** Is told what the replica did and how it came back. @default nobody */
  readonly onReport?: (report: ReplicaReport) => void;
}

/** A replica with a bus client of its own; the same in the agent's thread and, simulated, without one. */
export class AgentCore {
  readonly replica: Replica;
  readonly #bus: ReturnType<typeof createReplicaBus>;

  constructor(options: AgentCoreOptions) {
    const { identity, log, commandPublicKey, startedAtMonotonicInMs } = options;
    this.#bus = createReplicaBus({
      connection: options.bus,
      replicaId: identity.replica_id,
      instanceId: identity.instance_id,
      log,
      startedAtMonotonicInMs,
      ...(commandPublicKey !== null && { commandKeys: readCommandPublicKeys(commandPublicKey) }),
    });
    this.replica = new Replica({
      ...options,
      bus: this.#bus,
      clock: systemClock,
      random: Math.random,
    });
  }

  get busConnected(): boolean {
    return this.#bus.connected;
  }

  /** Starts to connect; resolves also when the bus is down. */
  start(): Promise<void> {
    return this.replica.start();
  }

  /** Ends the replica and its bus client; bounded by a few seconds. */
  async close(options: CloseReplicaOptions): Promise<void> {
    await this.replica.close(options);
    await this.#bus.close();
  }
}
