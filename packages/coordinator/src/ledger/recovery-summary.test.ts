import { describe, expect, it } from "vitest";
import { makeAnswer, makeRow } from "../testing/make-row.ts";
import { recovery } from "../testing/messages.ts";
import { recoverySummary } from "./recovery-summary.ts";

describe("recoverySummary", () => {
  it("is null until somebody has reported", () => {
    expect(recoverySummary([makeRow()])).toBeNull();
  });

  it("takes percentiles over those that came back, and names who is not known to be back", () => {
    const rows = [
      makeRow({ replicaId: "fast", recovery: recovery({ all_back_ms: 100 }) }),
      makeRow({ replicaId: "slow", recovery: recovery({ all_back_ms: 900 }) }),
      makeRow({ replicaId: "stuck", recovery: recovery({ all_back_ms: null }) }),
      makeRow({ replicaId: "mute" }),
      makeRow({ replicaId: "empty", answer: makeAnswer({ connections_closed: 0 }) }),
      makeRow({
        replicaId: "had-none",
        recovery: recovery({ all_back_ms: null, connections_expected: 0 }),
      }),
    ];
    expect(recoverySummary(rows)).toEqual({
      socket_recovered_ms: { p50: 50, p95: 50, max: 50 },
      all_back_ms: { p50: 100, p95: 900, max: 900 },
      command_recovered_ms: { p50: 60, p95: 60, max: 60 },
      work_recovered_ms: null,
      not_back: ["stuck", "mute"],
    });
  });
});
