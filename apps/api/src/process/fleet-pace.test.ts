import { describe, expect, it } from "vitest";
import { fleetPace } from "./fleet-pace.ts";

describe("fleetPace", () => {
  it("lets an embedded fleet report every second, without a floor", () => {
    expect(fleetPace(true, () => [])).toEqual({
      heartbeatIntervalInMs: 1_000,
      heartbeatsPerSecond: 100,
    });
  });

  it("gives a metered fleet twice the time that its credits take, and at least 5 s", () => {
    const api = { role: "api", state: "active" } as const;
    const roster = [api, api, { ...api, state: "left" }, { ...api, role: "worker" }] as const;
    const pace = fleetPace(false, () => roster);
    expect(pace).toMatchObject({ heartbeatIntervalInMs: 10_000, heartbeatsPerSecond: 25 });
    expect(pace.deadlineFloorInMs?.(10)).toBe(5_000);
    expect(pace.deadlineFloorInMs?.(500)).toBe(7_000);
    expect(fleetPace(false, () => []).deadlineFloorInMs?.(1_000)).toBe(10_000);
  });
});
