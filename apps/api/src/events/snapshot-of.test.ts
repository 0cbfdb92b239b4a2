import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { RequestHangs } from "../faults/request-hangs.ts";
import { entryOf, outcomeOf, ScriptedFleet } from "../testing/scripted-fleet.ts";
import { snapshotOf } from "./snapshot-of.ts";

describe("a snapshot", () => {
  it("has the status and the recent commands, of a large fleet only as many as are needed", () => {
    const fleet = new ScriptedFleet();
    const clock = new FakeClock();
    const replicas = Array.from({ length: 600 }, (_, index) => outcomeOf(`worker-${index}`));
    fleet.entries = ["c", "b", "a"].map((command_id) => entryOf({ command_id, replicas }));
    const snapshot = snapshotOf({
      fleet,
      hangs: new RequestHangs(clock),
      jobs: { status: null },
      clock,
    });
    expect(snapshot).toMatchObject({
      type: "snapshot",
      at: "2026-01-01T00:00:00.000Z",
      status: fleet.status(),
      commands: [{ command_id: "c" }],
    });
    fleet.entries = ["b", "a"].map((command_id) => entryOf({ command_id }));
    expect(
      snapshotOf({ fleet, hangs: new RequestHangs(clock), jobs: { status: null }, clock }),
    ).toMatchObject({
      commands: [{ command_id: "b" }, { command_id: "a" }],
    });
  });
});
