import type { FleetNews, StreamEvent } from "@fleetquake/contract";

/** What travels on the bus and is an event of the stream; heartbeats are none: there is one a second of each replica. */
export type ShownEvent = Exclude<FleetNews, { readonly type: "heartbeat" }>;

/** An event of the fleet as the stream shows it. */
export function streamEventOf(event: ShownEvent, enqueuedAtInMs: number): StreamEvent {
  const at = new Date(enqueuedAtInMs).toISOString();
  if (event.type === "command-closed") {
    const { schema: _schema, answered: _answered, ...members } = event;
    return { ...members, at };
  }
  if (event.type !== "hello") {
    const { schema: _schema, ...members } = event;
    return { ...members, at };
  }
  const { type, replica_id, instance_id, role, labels, allow, started_at } = event;
  const { clock_offset_ms, active_faults, halted, redis } = event;
  const identity = { replica_id, instance_id, role, labels, allow, started_at };
  return { type, at, ...identity, clock_offset_ms, active_faults, halted, redis };
}
