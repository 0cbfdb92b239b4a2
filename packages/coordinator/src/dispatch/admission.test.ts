import { describe, expect, it } from "vitest";
import type { Standing } from "../cool-down.ts";
import type { FaultRecord } from "../records/fault-record.ts";
import type { HaltRecord } from "../records/halt-record.ts";
import { makeMember } from "../testing/make-member.ts";
import { loadRequest, resetRequest } from "../testing/start-memory-fleet.ts";
import { admit, conflictOf, type AdmissionKnowledge } from "./admission.ts";

const record: FaultRecord = {
  commandId: "c1",
  epoch: 1,
  action: "inject",
  acceptedAtInMs: 1_000,
  collectingUntilInMs: 6_000,
  coolDownUntilInMs: 6_000,
  activeUntilInMs: 0,
  issuer: "api-1",
  caller: "tester",
};
/** What stands for every fault alike; whatever a test does not name forbids nothing. */
function standing(overrides: Partial<Standing> = {}): () => Standing {
  return () => ({ collecting: null, coolingDown: null, active: null, ...overrides });
}

const halt: HaltRecord = {
  commandId: "h1",
  epoch: 1,
  isHalted: true,
  caller: "alice",
  reason: "",
  atInMs: 0,
};
const { order } = resetRequest();
const calm: AdmissionKnowledge = {
  nowInMs: 2_000,
  standing: standing(),
  halt: null,
  isBusConnected: true,
  rosterState: "ready",
  warmingRetryAfterInMs: 700,
  rows: [{ member: makeMember("r1"), state: "active" }],
  random: Math.random,
};

function code(knowledge: Partial<AdmissionKnowledge>): string {
  const resolution = admit({ order }, { ...calm, ...knowledge });
  return resolution.kind === "refused" ? resolution.refusal.code : "admitted";
}

describe("admit", () => {
  it("keeps the contract's order: 409, 423, 429, 404, 503", () => {
    const halted = {
      standing: standing({ collecting: record, coolingDown: record }),
      halt,
      isBusConnected: false,
    };
    expect(code(halted)).toBe("CHAOS_COLLECTING");
    expect(code({ ...halted, standing: standing({ coolingDown: record }) })).toBe("CHAOS_HALTED");
    const worst = {
      standing: standing({ collecting: record, coolingDown: record }),
      isBusConnected: false,
      rosterState: "warming",
      rows: [],
    } as const;
    expect(code(worst)).toBe("CHAOS_COLLECTING");
    const cooling = { ...worst, standing: standing({ coolingDown: record }) };
    expect(code(cooling)).toBe("CHAOS_COOLING_DOWN");
    const calmed = { ...worst, standing: calm.standing };
    expect(code(calmed)).toBe("CHAOS_BUS_UNAVAILABLE");
    expect(code({ ...calmed, isBusConnected: true })).toBe("CHAOS_ROSTER_WARMING");
    expect(code({ rows: [] })).toBe("CHAOS_NO_TARGETS");
    expect(code({})).toBe("admitted");
  });

  it("names a fault that still lasts before a command that still collects", () => {
    const lasting = { ...record, activeUntilInMs: 62_000 };
    const knowledge = { standing: standing({ collecting: record, active: lasting }) };
    const refusal = conflictOf(loadRequest().order, { ...calm, ...knowledge });
    expect(refusal).toMatchObject({
      code: "CHAOS_ALREADY_ACTIVE",
      detail: "Load simulation already active",
      retryAfterInMs: 60_000,
      commandId: "c1",
    });
    expect(conflictOf(order, { ...calm, ...knowledge })?.code).toBe("CHAOS_COLLECTING");
    expect(conflictOf(order, calm)).toBeNull();
  });

  it("says when a retry can pass at the earliest", () => {
    const retry = (knowledge: Partial<AdmissionKnowledge>): number | undefined => {
      const resolution = admit({ order }, { ...calm, ...knowledge });
      return resolution.kind === "refused" ? resolution.refusal.retryAfterInMs : undefined;
    };
    const long = { ...record, collectingUntilInMs: 92_000 };
    expect(retry({ standing: standing({ collecting: long }) })).toBe(4_000);
    expect(retry({ nowInMs: 10_000, standing: standing({ collecting: long }) })).toBe(1_000);
    expect(retry({ standing: standing({ coolingDown: record }) })).toBe(4_000);
    expect(retry({ rosterState: "warming" })).toBe(700);
    expect(retry({ isBusConnected: false })).toBe(1_000);
  });
});
