import type { ActiveFault } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { faultStatusOf } from "./fault-status.ts";

const nowInMs = Date.UTC(2026, 0, 1);

function active(fault: string, seconds: number, more: Partial<ActiveFault> = {}): ActiveFault {
  const ends_at = new Date(nowInMs + seconds * 1_000).toISOString();
  return { fault, command_id: "c1", ends_at, ...more };
}

describe("faultStatusOf", () => {
  it("shows nothing where nothing runs", () => {
    expect(faultStatusOf([], nowInMs)).toEqual({
      load: { active: false, level: "none", remaining_seconds: 0 },
      hang: { active: false, scope: null, remaining_seconds: 0 },
      block: { active: false, mode: null, remaining_seconds: 0 },
      token_expiry: { active: false, remaining_seconds: 0 },
    });
  });

  it("takes the highest level and the longest rest of several", () => {
    const loads = [
      active("load", 5, { level: "medium" }),
      active("load", 40.2, { level: "low" }),
      active("load", 0, { level: "high" }),
    ];
    expect(faultStatusOf(loads, nowInMs).load).toEqual({
      active: true,
      level: "medium",
      remaining_seconds: 41,
    });
  });

  it("tells kinds apart", () => {
    const faults = [
      active("hang", 10, { scope: "jobs" }),
      active("hang", 1, { scope: "process" }),
      active("redis-block", 7, { mode: "drop" }),
      active("token-expiry", 9),
    ];
    expect(faultStatusOf(faults, nowInMs)).toMatchObject({
      load: { active: false },
      hang: { active: true, scope: "process", remaining_seconds: 10 },
      block: { active: true, mode: "drop", remaining_seconds: 7 },
      token_expiry: { active: true, remaining_seconds: 9 },
    });
  });

  it("never shows 0 for what runs, nor more than any fault lasts, nor an end that is no moment", () => {
    const rest = (...faults: ActiveFault[]): number =>
      faultStatusOf(faults, nowInMs).load.remaining_seconds;
    expect(rest(active("load", 0.001))).toBe(1);
    expect(rest(active("load", 1e9))).toBe(3_600);
    expect(rest({ ...active("load", 1), ends_at: "9999-99-99T99:99:99.999Z" })).toBe(0);
  });

  it("is active, at a level that it does not know, where a replica names another", () => {
    const { load } = faultStatusOf([active("load", 5, { level: "extreme" })], nowInMs);
    expect(load).toEqual({ active: true, level: "none", remaining_seconds: 5 });
  });
});
