import { emptyCloseReport } from "@fleetquake/replica";
import { describe, expect, it } from "vitest";
import { SAMPLE_AT, sampleRecovery } from "../doubles/sample-messages.ts";
import { ReplicaEvents } from "./replica-events.ts";
import { recordTelemetry } from "./recorded-telemetry.ts";

const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };

const acknowledgement = {
  ...emptyCloseReport(),
  command_id: "c-1",
  replica_id: "a",
  instance_id: "a-1",
  role: "worker",
  epoch: 1,
  state: "acknowledged",
  connections_closed: 3,
  closed_at: SAMPLE_AT,
  duration_ms: 2,
  clock_offset_ms: 0,
} as const;

const recovery = sampleRecovery("a", { finished: true });

const answered = {
  kind: "acknowledgement",
  fault: "redis-reset",
  action: "inject",
  acknowledgement,
  trace,
} as const;

describe("what a replica tells of a reset", () => {
  it("is a step of the command's operation, and close and reconnect within it", () => {
    const { telemetry, events, requests } = recordTelemetry();
    const told = new ReplicaEvents(telemetry);
    told.onReport(answered);
    told.onReport({ kind: "recovery", recovery, trace });
    expect(requests).toMatchObject([
      { name: "redis-reset inject", parent: trace, succeeded: true, isAlwaysSent: true },
    ]);
    expect(requests[0]?.step.traceId).toBe(trace.traceId);
    expect(requests[0]?.step.spanId).not.toBe(trace.spanId);
    const within = trace.traceId;
    expect(events).toMatchObject([
      { name: "redis-connections-closed", command_id: "c-1", connections_closed: 3, within },
      { name: "redis-connections-back", command_id: "c-1", all_back_ms: 120, within },
    ]);
  });

  it("says who did not come back, and what was refused", () => {
    const { telemetry, events, requests } = recordTelemetry();
    const told = new ReplicaEvents(telemetry);
    const error = { code: "NOT_ALLOWED", message: "" };
    told.onReport({
      ...answered,
      acknowledgement: { ...acknowledgement, state: "refused", error },
    });
    told.onReport({ kind: "recovery", recovery: { ...recovery, all_back_ms: null }, trace });
    expect(requests).toMatchObject([{ succeeded: false }]);
    expect(events).toMatchObject([
      { name: "command-answered", state: "refused", error: "NOT_ALLOWED" },
      { name: "redis-connections-missing", connections_back: 3 },
    ]);
  });

  it("begins an operation of its own where an API named none", () => {
    const { telemetry, events, requests } = recordTelemetry();
    new ReplicaEvents(telemetry).onReport({ ...answered, trace: null });
    expect(requests).toMatchObject([{ parent: null }]);
    expect(events[0]?.within).toBe(requests[0]?.step.traceId);
  });
});
