import { describe, expect, it } from "vitest";
import type { FaultRecord } from "../ports/fleet-lock.ts";
import { makeMember } from "../testing/make-member.ts";
import { admit, type AdmissionKnowledge } from "./admission.ts";

const record: FaultRecord = {
  commandId: "c1",
  epoch: 1,
  acceptedAtInMs: 1_000,
  collectingUntilInMs: 6_000,
  coolDownUntilInMs: 6_000,
  issuer: "api-1",
  caller: "tester",
};
const calm: AdmissionKnowledge = {
  nowInMs: 2_000,
  standing: { collecting: null, coolingDown: null },
  isBusConnected: true,
  rosterState: "ready",
  warmingRetryAfterInMs: 700,
  rows: [{ member: makeMember("r1"), state: "active" }],
  random: Math.random,
};

function code(knowledge: Partial<AdmissionKnowledge>, target = {}): string {
  const resolution = admit(target, { ...calm, ...knowledge });
  return resolution.kind === "refused" ? resolution.refusal.code : "admitted";
}

describe("admit", () => {
  it("keeps the contract's order: 409, 429, 404, 503", () => {
    const worst = {
      standing: { collecting: record, coolingDown: record },
      isBusConnected: false,
      rosterState: "warming",
      rows: [],
    } as const;
    expect(code(worst)).toBe("CHAOS_COLLECTING");
    const cooling = { ...worst, standing: { collecting: null, coolingDown: record } };
    expect(code(cooling)).toBe("CHAOS_COOLING_DOWN");
    const calmed = { ...worst, standing: calm.standing };
    expect(code(calmed)).toBe("CHAOS_BUS_UNAVAILABLE");
    expect(code({ ...calmed, isBusConnected: true })).toBe("CHAOS_ROSTER_WARMING");
    expect(code({ rows: [] })).toBe("CHAOS_NO_TARGETS");
    expect(code({})).toBe("admitted");
  });

  it("says when a retry can pass at the earliest", () => {
    const retry = (knowledge: Partial<AdmissionKnowledge>): number | undefined => {
      const resolution = admit(undefined, { ...calm, ...knowledge });
      return resolution.kind === "refused" ? resolution.refusal.retryAfterInMs : undefined;
    };
    const long = { ...record, collectingUntilInMs: 92_000 };
    expect(retry({ standing: { collecting: long, coolingDown: null } })).toBe(4_000);
    expect(retry({ nowInMs: 10_000, standing: { collecting: long, coolingDown: null } })).toBe(
      1_000,
    );
    expect(retry({ standing: { collecting: null, coolingDown: record } })).toBe(4_000);
    expect(retry({ rosterState: "warming" })).toBe(700);
    expect(retry({ isBusConnected: false })).toBe(1_000);
  });
});
