import { LEDGER_STATES } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { tally } from "./tally.ts";

describe("tally", () => {
  it("adds up: expected = acknowledged + failed + refused + expired + silent + left", () => {
    const states = LEDGER_STATES.filter((state) => state !== "pending");
    const fleet = tally([...states, "acknowledged", "late"]);
    expect(fleet).toEqual({
      expected: 9,
      acknowledged: 2,
      failed: 1,
      refused: 1,
      expired: 1,
      silent: 3,
      left: 1,
      late: 2,
      joined_late: 1,
    });
    const { acknowledged, failed, refused, expired, silent, left } = fleet;
    expect(acknowledged + failed + refused + expired + silent + left).toBe(fleet.expected);
  });

  it("expects who is pending and counts it nowhere else", () => {
    expect(tally(["pending", "pending"])).toMatchObject({ expected: 2, silent: 0 });
  });
});
