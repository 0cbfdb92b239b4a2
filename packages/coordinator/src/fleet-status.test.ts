import type { RedisState } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { fleetStatusOf, type FleetStatusOptions } from "./fleet-status.ts";
import type { FaultRecord } from "./records/fault-record.ts";
import type { RosterRow } from "./roster/roster.ts";
import { makeMember } from "./testing/make-member.ts";

const options: FleetStatusOptions = {
  nowInMs: Date.UTC(2026, 0, 2),
  rosterState: "ready",
  bus: { connected: true, tier: "embedded", heartbeat_interval_ms: 1_000, least_deadline_ms: 0 },
  coolingDown: null,
  isHalted: false,
};
const ordinary = makeMember("x").report.redis;

function row(state: RosterRow["state"], redis: Partial<RedisState> = {}): RosterRow {
  return { state, member: makeMember("r", { redis: { ...ordinary, ...redis } }) };
}

describe("fleetStatusOf", () => {
  it("counts who is there, and shows who has left without counting it", () => {
    const status = fleetStatusOf([row("active"), row("stale"), row("left")], options);
    expect(status.fleet).toEqual({ replicas: 2, active: 1, stale: 1, left: 1 });
    expect(status.redis.connection_count).toBe(20);
    expect(status.replicas).toHaveLength(3);
  });

  it("is connected when every active replica that uses Redis is", () => {
    const connected = (rows: RosterRow[]): boolean => fleetStatusOf(rows, options).redis.connected;
    expect(connected([row("active"), row("active", { connected: null })])).toBe(true);
    expect(connected([row("active"), row("active", { connected: false })])).toBe(false);
    expect(connected([row("active"), row("stale", { connected: false })])).toBe(true);
    expect(connected([row("active", { connected: null })])).toBe(false);
    expect(connected([])).toBe(false);
  });

  it("takes the last reset, and none from the future", () => {
    const status = fleetStatusOf(
      [
        row("active", { last_reset: "2026-01-01T10:00:00.000Z" }),
        row("left", { last_reset: "2026-01-01T11:00:00.000Z" }),
        row("active", { last_reset: "2026-01-03T00:00:00.000Z" }),
        row("active", { last_reset: "9999-99-99T99:99:99.999Z" }),
      ],
      options,
    );
    expect(status.redis.last_reset).toBe("2026-01-01T11:00:00.000Z");
  });

  it("says how long the cool-down has left", () => {
    const coolingDown: FaultRecord = {
      commandId: "c1",
      action: "inject",
      epoch: 1,
      acceptedAtInMs: 0,
      collectingUntilInMs: 0,
      coolDownUntilInMs: options.nowInMs + 1_500.2,
      activeUntilInMs: 0,
      issuer: "api-1",
      caller: "tester",
    };
    expect(fleetStatusOf([], { ...options, coolingDown }).cool_down).toEqual({
      active: true,
      remaining_ms: 1_501,
    });
    expect(fleetStatusOf([], options).cool_down).toEqual({ active: false, remaining_ms: 0 });
  });
});
