import { describe, expect, it } from "vitest";
import type { CommandKnowledge } from "./cool-down.ts";
import type { FaultRecord } from "./records/fault-record.ts";
import { Standings } from "./standings.ts";

const nothing: CommandKnowledge = { isClosed: () => true, isIdle: () => false };

function record(overrides: Partial<FaultRecord> = {}): FaultRecord {
  const epoch = overrides.epoch ?? 1;
  return {
    commandId: `c${epoch}`,
    action: "inject",
    epoch,
    acceptedAtInMs: 1_000,
    collectingUntilInMs: 6_000,
    coolDownUntilInMs: 0,
    activeUntilInMs: 61_000,
    issuer: "api-1",
    caller: "tester",
    ...overrides,
  };
}

function activeId(
  standings: Standings,
  fault: "load" | "redis-block",
  nowInMs = 2_000,
): string | null {
  return standings.standing(fault, nowInMs, nothing).active?.commandId ?? null;
}

describe("Standings", () => {
  it("keeps faults apart, and the highest epoch of all", () => {
    const standings = new Standings();
    standings.observe("load", record({ epoch: 4 }));
    standings.observe("hang", record({ epoch: 3 }));
    expect(standings.standing("hang", 2_000, nothing).active?.commandId).toBe("c3");
    expect(standings.standing("load", 2_000, nothing).active?.commandId).toBe("c4");
    expect(standings.standing("redis-block", 2_000, nothing).active).toBeNull();
    expect(standings.highestEpoch).toBe(4);
  });

  it("is active until its time is over, or until the ledger knows that nobody is under it", () => {
    const standings = new Standings();
    standings.observe("load", record());
    expect(activeId(standings, "load", 60_999)).toBe("c1");
    expect(activeId(standings, "load", 61_000)).toBeNull();
    const idle = { ...nothing, isIdle: () => true };
    expect(standings.standing("load", 2_000, idle).active).toBeNull();
  });

  it("is ended by a recovery of a higher epoch, not by an older one or one of another fault", () => {
    const standings = new Standings();
    const recovery = { action: "recover", activeUntilInMs: 0 } as const;
    standings.observe("load", record({ epoch: 5 }));
    standings.observe("hang", record({ epoch: 9, ...recovery }));
    standings.observe("load", record({ epoch: 4, ...recovery }));
    standings.observe("load", record({ epoch: 5, commandId: "same", ...recovery }));
    expect(activeId(standings, "load")).toBe("c5");
    standings.observe("load", record({ epoch: 6, ...recovery }));
    expect(activeId(standings, "load")).toBeNull();
    standings.observe("load", record({ epoch: 7 }));
    expect(activeId(standings, "load")).toBe("c7");
  });

  it("forgets what a void recovery had ended", () => {
    const standings = new Standings();
    standings.observe("load", record({ epoch: 1 }));
    standings.observe("load", record({ epoch: 2, action: "recover" }));
    standings.voidCommand("c2");
    expect(activeId(standings, "load")).toBe("c1");
    expect(standings.isVoid("c2")).toBe(true);
    expect(standings.highestEpoch).toBe(2);
  });

  it("takes a reset that keeps connections out for a block, and lets the end of a block end it", () => {
    const standings = new Standings();
    standings.observe("redis-reset", record({ epoch: 2 }));
    expect(activeId(standings, "redis-block")).toBe("c2");
    standings.observe("redis-block", record({ epoch: 3, action: "recover" }));
    expect(activeId(standings, "redis-block")).toBeNull();
    standings.observe("redis-reset", record({ epoch: 4 }));
    expect(activeId(standings, "redis-block")).toBe("c4");
  });

  it("lets a halt end whatever lasted before it, and nothing that came after", () => {
    const standings = new Standings();
    standings.observe("load", record({ epoch: 1 }));
    standings.observe("redis-reset", record({ epoch: 2 }));
    standings.observe("halt", record({ epoch: 3, activeUntilInMs: 0 }));
    expect([activeId(standings, "load"), activeId(standings, "redis-block")]).toEqual([null, null]);
    standings.observe("halt", record({ epoch: 4, action: "recover" }));
    standings.observe("load", record({ epoch: 5 }));
    expect(activeId(standings, "load")).toBe("c5");
  });

  it("is not ended, and cannot be kept from its end, by an epoch that nobody can have reached", () => {
    const standings = new Standings();
    const huge = Number.MAX_SAFE_INTEGER;
    standings.observe("load", record({ epoch: 1 }));
    standings.observe("load", record({ epoch: huge, action: "recover" }));
    standings.observe("halt", record({ epoch: huge }));
    expect(activeId(standings, "load")).toBe("c1");
    standings.observe("load", record({ epoch: huge, commandId: "forged" }));
    standings.observe("load", record({ epoch: 2, action: "recover" }));
    expect(activeId(standings, "load")).toBeNull();
  });
});
