import { silentLog, type LogFields } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { startReplica } from "./doubles/start-replica.ts";
import type { ReplicaReport } from "./replica-reports.ts";

const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };

/** A replica that has been told to reset, and what it told its process. */
async function resetOnce(given: typeof trace | null) {
  const reports: ReplicaReport[] = [];
  const lines: { readonly event: string; readonly fields: LogFields | undefined }[] = [];
  const started = await startReplica({
    onReport: (report) => reports.push(report),
    log: { ...silentLog, info: (event, fields) => lines.push({ event, fields }) },
  });
  const { replica, command, brokerNowInMs, clock } = started;
  replica.onCommand(command(), brokerNowInMs(), given);
  await clock.advance(0);
  return { ...started, reports, lines };
}

describe("what a replica tells its own process", () => {
  it("is what it answered and how it came back, with the operation that came with the command", async () => {
    const { clock, connections, reports, lines } = await resetOnce(trace);
    connections.observation = {
      connectionsExpected: 3,
      connectionsBack: 3,
      socketRecoveredInMs: 60,
      allBackInMs: 120,
      commandRecoveredInMs: null,
      workRecoveredInMs: null,
      reconnectAttempts: 3,
      errorsSeen: 0,
    };
    await clock.advance(200);
    expect(reports).toMatchObject([
      {
        kind: "acknowledgement",
        fault: "redis-reset",
        action: "inject",
        acknowledgement: { command_id: "c-1", state: "acknowledged", connections_closed: 3 },
        trace,
      },
      { kind: "recovery", recovery: { command_id: "c-1", all_back_ms: 120 }, trace },
    ]);
    const { traceId } = trace;
    expect(lines).toMatchObject([
      {
        event: "command-answered",
        fields: { command_id: "c-1", connections_closed: 3, trace_id: traceId },
      },
      {
        event: "recovery-observed",
        fields: { command_id: "c-1", all_back_ms: 120, trace_id: traceId },
      },
    ]);
  });

  it("names no operation where an API named none", async () => {
    const { reports } = await resetOnce(null);
    expect(reports).toMatchObject([{ kind: "acknowledgement", trace: null }]);
  });

  it("is told once of a command that comes twice", async () => {
    const { reports, replica, command, brokerNowInMs, clock } = await resetOnce(trace);
    replica.onCommand(command(), brokerNowInMs(), trace);
    await clock.advance(0);
    expect(reports).toHaveLength(1);
  });
});
