import {
  silentLog,
  type Command,
  type CommandOrder,
  type ReplicaIdentity,
  type RollCall,
} from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import type { FaultPorts } from "../faults/fault-set.ts";
import { Replica } from "../replica.ts";
import type { ReplicaOptions } from "../replica-options.ts";
import { RecordedBus } from "./recorded-bus.ts";
import { RecordedConnections } from "./recorded-connections.ts";

export const identity: ReplicaIdentity = {
  replica_id: "orders-1",
  instance_id: "4f1c",
  role: "worker",
  labels: { zone: "1" },
  allow: ["redis-reset"],
};

type CommandEnvelope = Omit<Command, keyof CommandOrder>;

const reset: CommandOrder = {
  fault: "redis-reset",
  action: "inject",
  parameters: { force: true, drain_timeout_ms: 5_000 },
};

/** A replica on a fake clock whose local wall clock may be off from the broker's. */
export async function startReplica(
  options: Partial<ReplicaOptions> & { readonly faults?: Omit<FaultPorts, "connections"> } = {},
) {
  const clock = new FakeClock();
  const bus = new RecordedBus();
  const connections = new RecordedConnections();
  const startInMs = clock.nowInMs();
  const replica = new Replica({
    identity,
    bus,
    ports: { connections, ...options.faults },
    clock,
    heartbeatIntervalInMs: 1_000,
    log: silentLog,
    startedAtMonotonicInMs: clock.monotonicInMs(),
    random: () => 1,
    ...options,
  });
  await replica.start();
  /** The broker's clock: right, whatever the replica's shows. */
  const brokerNowInMs = (): number => startInMs + clock.monotonicInMs();
  const deliver = async (message: Command | RollCall, agedInMs = 0): Promise<void> => {
    replica.onCommand(message, brokerNowInMs() - agedInMs);
    await clock.advance(0);
  };
  const command = (
    changes: Partial<CommandEnvelope> = {},
    order: CommandOrder = reset,
  ): Command => ({
    schema: 1,
    type: "command",
    command_id: "c-1",
    target: {},
    epoch: 1,
    issued_at: new Date(brokerNowInMs()).toISOString(),
    expires_at: new Date(brokerNowInMs() + 5_000).toISOString(),
    issuer: "api-1",
    ...changes,
    ...order,
  });
  const rollCall = (changes: Partial<RollCall> = {}): RollCall => ({
    schema: 1,
    type: "roll-call",
    issuer: "api-1",
    issued_at: new Date(brokerNowInMs()).toISOString(),
    heartbeat_interval_ms: 1_000,
    jitter_ms: 200,
    ...changes,
  });
  return { replica, clock, bus, connections, command, rollCall, deliver, brokerNowInMs };
}
