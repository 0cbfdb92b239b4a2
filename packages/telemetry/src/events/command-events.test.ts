import type { AcknowledgementBody } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { SAMPLE_AT, sampleEntry, sampleRecovery } from "../doubles/sample-messages.ts";
import { CommandEvents, type SentCommand } from "./command-events.ts";
import { recordTelemetry } from "./recorded-telemetry.ts";

const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };

const reset: SentCommand = {
  commandId: "c-1",
  name: "redis-reset",
  order: {
    fault: "redis-reset",
    action: "inject",
    parameters: { force: true, drain_timeout_ms: 5_000 },
  },
  caller: "somebody",
  reason: "rehearsal",
  trace,
};

const halt: SentCommand = {
  ...reset,
  commandId: "c-2",
  name: "halt",
  order: { fault: "halt", action: "inject", parameters: { reason: "enough" } },
  reason: "enough",
};

const noConnections = { command: 0, blocking: 0, subscriber: 0, unknown: 0 };

function answer(id: string, changes: Partial<AcknowledgementBody> = {}): AcknowledgementBody {
  return {
    command_id: "c-1",
    replica_id: id,
    instance_id: `${id}-1`,
    role: "worker",
    epoch: 1,
    state: "acknowledged",
    coverage: "full",
    connections_closed: 3,
    connecting_aborted: 0,
    connections: noConnections,
    unseen: 0,
    closed_by: "process",
    closed_at: SAMPLE_AT,
    duration_ms: 2,
    clock_offset_ms: 0,
    ...changes,
  };
}

const entry = sampleEntry({
  fleet: { ...sampleEntry().fleet, expected: 2, acknowledged: 1, silent: 1 },
  replicas: [
    { ...answer("a"), state: "acknowledged" },
    { replica_id: "b", instance_id: "b-1", role: "worker", state: "silent" },
  ],
});

const event = { schema: 1 } as const;

/** A reset that was sent, accepted and closed with one answer of two. */
function afterClose() {
  const recorded = recordTelemetry();
  const events = new CommandEvents(recorded.telemetry);
  events.begin(reset);
  events.accepted("c-1");
  events.closed(entry);
  return { ...recorded, told: events };
}

describe("the events of a command", () => {
  it("are who asked for it, who answered and what it came to, all of its operation", () => {
    const { events } = afterClose();
    const within = trace.traceId;
    expect(events).toMatchObject([
      { name: "redis-reset-requested", accepted: true, force: true, caller: "somebody", within },
      {
        name: "acknowledgement",
        command_id: "c-1",
        replica_id: "a",
        state: "acknowledged",
        connections_closed: 3,
        within,
      },
      { name: "redis-reset-partial", outcome: "partial", expected: 2, silent: 1, within },
    ]);
  });

  it("calls a complete reset completed, and one that nobody answered partial", () => {
    for (const [outcome, name] of [
      ["complete", "redis-reset-completed"],
      ["none", "redis-reset-partial"],
    ] as const) {
      const { telemetry, events } = recordTelemetry();
      const told = new CommandEvents(telemetry);
      told.begin(reset);
      told.closed({ ...entry, outcome });
      expect(events.at(-1)).toMatchObject({ name, outcome });
    }
  });

  it("are told once each, however often ledger, events and heartbeats repeat them", () => {
    const { events, told } = afterClose();
    const before = events.length;
    told.closed(entry);
    told.onEvent({ ...event, type: "acknowledgement", ...answer("a") });
    expect(events).toHaveLength(before);
    for (let round = 0; round < 3; round += 1) {
      told.onEvent({ ...event, type: "recovery-report", ...sampleRecovery("a") });
      told.onEvent({
        ...event,
        type: "recovery-report",
        ...sampleRecovery("a", { finished: true }),
      });
    }
    expect(events.slice(before)).toMatchObject([
      { name: "recovery", replica_id: "a", all_back_ms: 120, finished: false },
      { name: "recovery", replica_id: "a", all_back_ms: 120, finished: true },
    ]);
  });

  it("call an answer after the close late, also one that only a heartbeat brings", () => {
    const { events, told } = afterClose();
    told.onEvent({ ...event, type: "acknowledgement", ...answer("b") });
    expect(events.at(-1)).toMatchObject({
      name: "acknowledgement",
      replica_id: "b",
      state: "late",
    });
    told.onEvent({ ...event, type: "acknowledgement", ...answer("c", { state: "expired" }) });
    expect(events.at(-1)).toMatchObject({ replica_id: "c", state: "expired" });
  });

  it("leave an answer before the close to the close, which knows what it counts as", () => {
    const { telemetry, events } = recordTelemetry();
    const told = new CommandEvents(telemetry);
    told.begin(reset);
    told.onEvent({ ...event, type: "acknowledgement", ...answer("a") });
    expect(events).toEqual([]);
  });

  it("are none for another API's command", () => {
    const { telemetry, events } = recordTelemetry();
    const told = new CommandEvents(telemetry);
    told.closed(entry);
    told.onEvent({ ...event, type: "acknowledgement", ...answer("a") });
    told.onEvent({ ...event, type: "recovery-report", ...sampleRecovery("a") });
    expect(events).toEqual([]);
  });

  it("say with which code a command was refused", () => {
    const { telemetry, events } = recordTelemetry();
    const told = new CommandEvents(telemetry);
    told.begin(reset);
    told.refused("c-1", "RESET_COOL_DOWN", false);
    expect(events).toMatchObject([
      { name: "redis-reset-requested", accepted: false, code: "RESET_COOL_DOWN" },
    ]);
  });

  it("say that the fleet is halted, also when only this API could be told", () => {
    const { telemetry, events } = recordTelemetry();
    const told = new CommandEvents(telemetry);
    told.begin(halt);
    told.accepted("c-2");
    told.begin(halt);
    told.refused("c-2", "BUS_UNAVAILABLE", true);
    expect(events).toMatchObject([
      { name: "halt-requested", accepted: true },
      { name: "halted", published: true, reason: "enough" },
      { name: "halt-requested", accepted: false },
      { name: "halted", published: false },
    ]);
  });
});
