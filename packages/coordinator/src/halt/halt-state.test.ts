import { describe, expect, it } from "vitest";
import type { HaltRecord } from "../records/halt-record.ts";
import { HaltState } from "./halt-state.ts";

function record(overrides: Partial<HaltRecord> = {}): HaltRecord {
  const epoch = overrides.epoch ?? 1;
  return {
    commandId: `c${epoch}`,
    epoch,
    isHalted: true,
    caller: "alice",
    reason: "",
    atInMs: 1_000,
    ...overrides,
  };
}

function stateOf(...records: readonly HaltRecord[]): HaltState {
  const state = new HaltState();
  records.forEach((one) => state.observe(one));
  return state;
}

const hearsay = record({ commandId: "unknown", epoch: 5, caller: "unknown" });

describe("HaltState", () => {
  it("is not halted while nothing was heard", () => {
    const state = new HaltState();
    expect(state.isHalted).toBe(false);
    expect([state.standing, state.latest, state.witnessed]).toEqual([null, null, null]);
  });

  it("believes the highest epoch, in whatever order halts and releases come", () => {
    const records = [
      record({ epoch: 1 }),
      record({ epoch: 2, isHalted: false }),
      record({ epoch: 3, caller: "carol" }),
    ];
    for (const order of [records, records.toReversed()]) {
      expect(stateOf(...order).standing).toMatchObject({ caller: "carol", epoch: 3 });
    }
    const released = record({ epoch: 4, isHalted: false });
    const state = stateOf(released, ...records);
    expect(state.isHalted).toBe(false);
    expect(state.latest).toEqual(released);
  });

  it("is halted when a halt and a release have the same epoch, whichever came first", () => {
    const halt = record({ commandId: "halt", epoch: 7 });
    const release = record({ commandId: "release", epoch: 7, isHalted: false });
    expect(stateOf(halt, release).standing).toEqual(halt);
    expect(stateOf(release, halt).standing).toEqual(halt);
  });

  it("takes the same halt at a higher epoch, and not at a lower one", () => {
    const state = stateOf(
      record({ commandId: "c", epoch: 3 }),
      record({ commandId: "c", epoch: 6 }),
    );
    state.observe(record({ commandId: "c", epoch: 4 }));
    expect(state.latest?.epoch).toBe(6);
  });

  it("forgets a release that was not published, for good, and no halt", () => {
    const release = record({ epoch: 2, isHalted: false });
    const state = stateOf(record({ epoch: 1 }), release);
    state.voidRelease("c2");
    state.observe(release);
    state.voidRelease("c1");
    expect(state.standing?.commandId).toBe("c1");
  });

  it("knows of a release beforehand that it was not published", () => {
    const state = stateOf(record({ epoch: 1 }));
    state.voidRelease("c2");
    state.observe(record({ epoch: 2, isHalted: false }));
    expect(state.isHalted).toBe(true);
  });

  it("believes no epoch that nobody can have reached", () => {
    const state = stateOf(record({ epoch: 1 }), record({ epoch: 2 ** 53 - 1, isHalted: false }));
    expect(state.standing?.epoch).toBe(1);
    state.observe(record({ epoch: 2, isHalted: false }));
    expect(state.isHalted).toBe(false);
  });

  it("is halted by hearsay until somebody is heard who knows better", () => {
    const state = new HaltState();
    state.observeHearsay(hearsay);
    expect(state.standing).toEqual(hearsay);
    expect(state.witnessed).toBeNull();
    state.observe(record({ epoch: 4, isHalted: false }));
    expect(state.standing).toEqual(hearsay);
    state.observe(record({ epoch: 3 }));
    expect(state.isHalted).toBe(true);
    state.observe(record({ epoch: 5, isHalted: false }));
    expect(state.isHalted).toBe(false);
  });

  it("names the halt that hearsay was about, and keeps its epoch above what replicas have seen", () => {
    const state = new HaltState();
    state.observeHearsay(hearsay);
    state.observe(record({ epoch: 2, caller: "alice" }));
    expect(state.standing).toEqual(record({ commandId: "c2", epoch: 5, caller: "alice" }));
    expect(state.witnessed?.caller).toBe("alice");
  });

  it("remembers a bounded number, the highest", () => {
    const state = new HaltState();
    for (let epoch = 1_000; epoch > 0; epoch -= 1) {
      state.observe(record({ epoch, isHalted: epoch % 2 === 0 }));
      state.voidRelease(`void-${epoch}`);
    }
    expect(state.standing?.epoch).toBe(1_000);
    state.observe(record({ commandId: "void-1000", epoch: 2_001, isHalted: false }));
    expect(state.isHalted).toBe(false);
    state.observe(record({ epoch: 2_002 }));
    state.observe(record({ commandId: "void-1", epoch: 2_003, isHalted: false }));
    expect(state.isHalted).toBe(true);
  });
});
