import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { silentLog, systemClock, type Log } from "@fleetquake/contract";
import type { CloseReplicaOptions, Replica } from "@fleetquake/replica";
import { AgentCore } from "../agent-core.ts";
import { agentSettings } from "../agent-settings.ts";
import type { RedisControl } from "../control/redis-control.ts";
import { createConnectionSet, type AgentConnectionSet } from "../sockets/connection-set.ts";
import { SocketLedger } from "../sockets/socket-ledger.ts";
import type { StartAgentOptions } from "../start-agent-options.ts";

export interface SimulatedReplicaOptions extends Omit<StartAgentOptions, "redis" | "replicaId"> {
  readonly replicaId: string;
  /** A control connection, which many replicas may share. @default none: drains are quiet */
  readonly control?: RedisControl;
}

/** A replica without a process of its own: bus client, ledger and sockets are its own, hundreds fit into one process. */
export interface SimulatedReplica extends AsyncDisposable {
  readonly replicaId: string;
  readonly instanceId: string;
  readonly replica: Replica;
  readonly connections: AgentConnectionSet;
  /** Adds one of the replica's sockets to Redis, connecting or established. */
  track(socket: Socket): void;
  /** Whether commands reach it. */
  readonly busConnected: boolean;
  close(options?: CloseReplicaOptions): Promise<void>;
}

/**
 * Starts a replica in this process, without a thread and without watching the process's sockets.
 * Resolves when its first attempt to reach the bus has succeeded or failed.
 * @throws {TypeError} naming every option that is wrong.
 */
export async function startSimulatedReplica(
  options: SimulatedReplicaOptions,
): Promise<SimulatedReplica> {
  const settings = agentSettings(options);
  const ledger = new SocketLedger();
  const connections = createConnectionSet({
    ledger,
    control: options.control ?? null,
    clock: systemClock,
    enabled: true,
  });
  const instanceId = randomUUID();
  const core = createCore({ ...options, log: settings.log }, { instanceId, connections });
  await core.start();
  const close = (how: CloseReplicaOptions = { bye: true }): Promise<void> => core.close(how);
  return {
    replicaId: options.replicaId,
    instanceId,
    replica: core.replica,
    connections,
    track: (socket) => ledger.add(socket),
    get busConnected() {
      return core.busConnected;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createCore(
  options: SimulatedReplicaOptions & { readonly log: Log },
  own: { readonly instanceId: string; readonly connections: AgentConnectionSet },
): AgentCore {
  const { bus, role, labels, allow, heartbeatIntervalInMs, commandPublicKey } =
    agentSettings(options);
  return new AgentCore({
    identity: {
      replica_id: options.replicaId,
      instance_id: own.instanceId,
      role,
      labels: { ...labels },
      allow: [...allow],
    },
    bus,
    commandPublicKey,
    ports: { connections: own.connections },
    heartbeatIntervalInMs,
    log: options.log ?? silentLog,
    startedAtMonotonicInMs: systemClock.monotonicInMs(),
  });
}
