import { describe, expect, it } from "vitest";
import { CoolDown, type CommandKnowledge } from "./cool-down.ts";
import type { FaultRecord } from "./records/fault-record.ts";

function record(overrides: Partial<FaultRecord> = {}): FaultRecord {
  return {
    commandId: "c1",
    epoch: 1,
    action: "inject",
    acceptedAtInMs: 1_000,
    collectingUntilInMs: 3_000,
    coolDownUntilInMs: 6_000,
    activeUntilInMs: 0,
    issuer: "api-1",
    caller: "tester",
    ...overrides,
  };
}

const open: CommandKnowledge = { isClosed: () => false, isIdle: () => false };
const closed: CommandKnowledge = { isClosed: () => true, isIdle: () => false };

describe("CoolDown", () => {
  it("forbids nothing while nothing was accepted", () => {
    expect(new CoolDown().standing(0, open)).toEqual({
      collecting: null,
      coolingDown: null,
      active: null,
    });
  });

  it("is collecting until the deadline, or until the ledger knows that it is over", () => {
    const coolDown = new CoolDown();
    coolDown.observe(record());
    expect(coolDown.standing(2_999, open).collecting?.commandId).toBe("c1");
    expect(coolDown.standing(2_999, closed).collecting).toBeNull();
    expect(coolDown.standing(3_000, open).collecting).toBeNull();
  });

  it("cools down until the moment that was written down", () => {
    const coolDown = new CoolDown();
    coolDown.observe(record());
    expect(coolDown.standing(5_999, closed).coolingDown?.commandId).toBe("c1");
    expect(coolDown.standing(6_000, closed).coolingDown).toBeNull();
  });

  it("takes the strictest of what it heard and what it read", () => {
    const coolDown = new CoolDown();
    coolDown.observe(record({ coolDownUntilInMs: 9_000 }));
    coolDown.observe(record({ coolDownUntilInMs: 7_000 }));
    coolDown.observe(record({ commandId: "c0", coolDownUntilInMs: 2_000 }));
    expect(coolDown.standing(1_000, closed).coolingDown).toMatchObject({
      commandId: "c1",
      coolDownUntilInMs: 9_000,
    });
  });

  it("forgets a command that was never published, for good, and keeps its epoch", () => {
    const coolDown = new CoolDown();
    coolDown.observe(record({ commandId: "before", coolDownUntilInMs: 2_000 }));
    coolDown.observe(record({ epoch: 8 }));
    coolDown.voidCommand("c1");
    coolDown.observe(record({ epoch: 8 }));
    expect(coolDown.isVoid("c1")).toBe(true);
    expect(coolDown.standing(1_500, open).coolingDown?.commandId).toBe("before");
    expect(coolDown.standing(2_500, closed).coolingDown).toBeNull();
    expect(coolDown.highestEpoch).toBe(8);
  });

  it("believes no epoch that nobody can have reached", () => {
    const coolDown = new CoolDown();
    coolDown.observe(record({ epoch: 3 }));
    coolDown.observe(record({ epoch: Number.MAX_SAFE_INTEGER }));
    coolDown.observe(record({ epoch: 1e300 }));
    expect(coolDown.highestEpoch).toBe(3);
  });

  it("remembers a bounded number of commands, the newest", () => {
    const coolDown = new CoolDown();
    for (let index = 0; index < 1_000; index += 1) {
      coolDown.observe(record({ commandId: `c${index}`, coolDownUntilInMs: 5_000 }));
      coolDown.voidCommand(`void-${index}`);
    }
    expect(coolDown.isVoid("void-0")).toBe(false);
    expect(coolDown.isVoid("void-999")).toBe(true);
    expect(coolDown.standing(1_000, closed).coolingDown?.commandId).toBe("c984");
  });
});
