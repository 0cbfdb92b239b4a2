import type { AcknowledgementBody, DrainHazards, LoadReport } from "@fleetquake/contract";

/** Copies what the contract names, so that additions of a stranger's message are not kept in memory. */
export function copyAcknowledgement(body: AcknowledgementBody): AcknowledgementBody {
  return {
    command_id: body.command_id,
    replica_id: body.replica_id,
    instance_id: body.instance_id,
    role: body.role,
    epoch: body.epoch,
    state: body.state,
    coverage: body.coverage,
    connections_closed: body.connections_closed,
    connecting_aborted: body.connecting_aborted,
    connections: {
      command: body.connections.command,
      blocking: body.connections.blocking,
      subscriber: body.connections.subscriber,
      unknown: body.connections.unknown,
    },
    unseen: body.unseen,
    closed_by: body.closed_by,
    ...(body.drain_method === undefined ? {} : { drain_method: body.drain_method }),
    ...(body.drained === undefined ? {} : { drained: body.drained }),
    ...(body.interrupted === undefined ? {} : { interrupted: body.interrupted }),
    ...(body.drain_hazards === undefined ? {} : { drain_hazards: copyHazards(body.drain_hazards) }),
    ...(body.closed_addresses === undefined
      ? {}
      : { closed_addresses: [...body.closed_addresses] }),
    ...(body.load === undefined ? {} : { load: copyLoad(body.load) }),
    ...(body.recovered === undefined ? {} : { recovered: [...body.recovered] }),
    closed_at: body.closed_at,
    duration_ms: body.duration_ms,
    clock_offset_ms: body.clock_offset_ms,
    ...(body.error === undefined
      ? {}
      : { error: { code: body.error.code, message: body.error.message } }),
  };
}

function copyLoad({ cpu_cores, memory_mb, limited_by }: LoadReport): LoadReport {
  return { cpu_cores, memory_mb, limited_by };
}

function copyHazards(hazards: DrainHazards): DrainHazards {
  return {
    ...(hazards.transaction === undefined ? {} : { transaction: hazards.transaction }),
    ...(hazards["watch-not-visible"] === undefined
      ? {}
      : { "watch-not-visible": hazards["watch-not-visible"] }),
    ...(hazards["no-offline-queue"] === undefined
      ? {}
      : { "no-offline-queue": hazards["no-offline-queue"] }),
    ...(hazards.subscriber === undefined ? {} : { subscriber: hazards.subscriber }),
    ...(hazards.monitor === undefined ? {} : { monitor: hazards.monitor }),
  };
}
