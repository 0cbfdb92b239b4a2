import { describe, expect, it } from "vitest";
import { fleetPace } from "./fleet-pace.ts";

const api = { role: "api", state: "active" } as const;
const roster = [api, api, { ...api, state: "left" }, { ...api, role: "worker" }] as const;

describe("fleetPace", () => {
  it("lets an embedded fleet report every second, without a floor", () => {
    const pace = fleetPace("embedded", () => roster);
    expect(pace).toMatchObject({ heartbeatIntervalInMs: 1_000, heartbeatsPerSecond: 100 });
    expect(pace.deadlineFloorInMs(1_000)).toBe(0);
  });

  it("gives a metered fleet twice the time that its credits take, and at least 5 s", () => {
    const pace = fleetPace("standard", () => roster);
    expect(pace).toMatchObject({ heartbeatIntervalInMs: 10_000, heartbeatsPerSecond: 25 });
    expect(pace.deadlineFloorInMs(10)).toBe(5_000);
    expect(pace.deadlineFloorInMs(500)).toBe(7_000);
    expect(fleetPace("standard", () => []).deadlineFloorInMs(1_000)).toBe(10_000);
  });

  it("counts no credits in the premium tier", () => {
    const pace = fleetPace("premium", () => roster);
    expect(pace).toMatchObject({ heartbeatIntervalInMs: 5_000, heartbeatsPerSecond: 100 });
    expect(pace.deadlineFloorInMs(10_000)).toBe(5_000);
  });
});
