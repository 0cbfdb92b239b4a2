import { BrokerTime, type CommandClosed } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { makeHeader } from "../testing/make-header.ts";
import { acknowledgement } from "../testing/messages.ts";
import { Ledger, type LedgerOptions } from "./ledger.ts";

const own = { isOwn: true };
const foreign = { isOwn: false };
const r1 = [{ replica_id: "r1", instance_id: "i1", role: "worker" }];

function arrange(options: Partial<LedgerOptions> = {}) {
  const clock = new FakeClock();
  const brokerTime = new BrokerTime(clock);
  const ledger = new Ledger({ clock, brokerTime, hasLeft: () => false, ...options });
  return { clock, ledger };
}

function closed(overrides: Partial<CommandClosed> = {}): CommandClosed {
  return {
    schema: 1,
    type: "command-closed",
    command_id: "c1",
    issuer: "api-1",
    closed_at: "2026-01-01T00:00:02.000Z",
    duration_ms: 1_999.5,
    published: "unknown",
    ...overrides,
  };
}

describe("Ledger", () => {
  it("closes when everybody answered, and calls the deadline off", async () => {
    const { clock, ledger } = arrange();
    const collection = ledger.open(makeHeader(), r1, own);
    await clock.advance(70);
    ledger.acknowledge(acknowledgement(), clock.nowInMs());
    expect(collection.closing).toEqual({ closedAtInMs: clock.nowInMs(), durationInMs: 70 });
    expect(ledger.isClosed("c1")).toBe(true);
    expect(clock.armedTimers).toBe(0);
  });

  it("closes its own entry at the deadline, another's a second later", async () => {
    const { clock, ledger } = arrange();
    ledger.open(makeHeader(), r1, own);
    ledger.open(makeHeader({ commandId: "c2" }), r1, foreign);
    await clock.advance(4_999);
    expect([ledger.isClosed("c1"), ledger.isClosed("c2")]).toEqual([false, false]);
    await clock.advance(1);
    expect([ledger.isClosed("c1"), ledger.isClosed("c2")]).toEqual([true, false]);
    await clock.advance(1_000);
    expect(ledger.isClosed("c2")).toBe(true);
  });

  it("opens an entry once, and closes one whose deadline has passed already", async () => {
    const { clock, ledger } = arrange();
    await clock.advance(60_000);
    const first = ledger.open(makeHeader(), r1, foreign);
    expect(ledger.open(makeHeader({ epoch: 9 }), [], foreign)).toBe(first);
    await clock.advance(1);
    expect(ledger.isClosed("c1")).toBe(true);
  });

  it("counts what overtook the opening: answers and byes", () => {
    const { ledger } = arrange({ hasLeft: (replicaId) => replicaId === "gone" });
    ledger.acknowledge(acknowledgement(), 5);
    const expected = [...r1, { replica_id: "gone", instance_id: "i1", role: "worker" }];
    const collection = ledger.open(makeHeader(), expected, foreign);
    expect(collection.rows).toMatchObject([{ answer: { enqueuedAtInMs: 5 } }, { hasLeft: true }]);
    expect(ledger.isClosed("c1")).toBe(true);
  });

  it("takes the issuer's word for the end, from nobody else and not for its own command", () => {
    const { ledger } = arrange();
    const collection = ledger.open(makeHeader(), r1, foreign);
    ledger.observeClosed(closed({ issuer: "stranger" }));
    ledger.observeClosed(closed({ closed_at: "9999-99-99T99:99:99.999Z" }));
    ledger.observeClosed(closed({ command_id: "unknown" }));
    expect(collection.closing).toBeNull();
    ledger.observeClosed(closed());
    expect(collection).toMatchObject({
      published: "unknown",
      closing: { closedAtInMs: Date.UTC(2026, 0, 1, 0, 0, 2), durationInMs: 1_999.5 },
    });
    const mine = ledger.open(makeHeader({ commandId: "mine" }), r1, own);
    ledger.observeClosed(closed({ command_id: "mine" }));
    expect(mine.closing).toBeNull();
  });

  it("takes the issuer's figures also when it closed the entry by itself before", async () => {
    const { clock, ledger } = arrange();
    const collection = ledger.open(makeHeader(), r1, foreign);
    await clock.advance(6_000);
    ledger.observeClosed(closed());
    expect(collection.closing?.durationInMs).toBe(1_999.5);
  });

  it("does not believe that nothing was published once somebody has answered", () => {
    const { ledger } = arrange();
    const collection = ledger.open(makeHeader(), r1, foreign);
    ledger.acknowledge(acknowledgement(), 1);
    ledger.observeClosed(closed({ published: "no" }));
    expect(collection.published).toBe("unknown");
  });

  it("hides a command that was never published, and still knows it", () => {
    const { ledger } = arrange();
    ledger.open(makeHeader(), r1, own);
    ledger.open(makeHeader({ commandId: "c2" }), r1, own);
    ledger.voidCommand("c1");
    ledger.voidCommand("unknown");
    expect(ledger.recent().map(({ header }) => header.commandId)).toEqual(["c2"]);
    expect(ledger.collection("c1")).toMatchObject({ published: "no" });
    expect(ledger.isClosed("c1")).toBe(true);
  });

  it("ends only its own collections at shutdown, and leaves no timer", async () => {
    const { clock, ledger } = arrange();
    ledger.open(makeHeader(), r1, own);
    ledger.open(makeHeader({ commandId: "c2" }), r1, foreign);
    ledger.closeOwn();
    expect([ledger.isClosed("c1"), ledger.isClosed("c2")]).toEqual([true, false]);
    ledger.close();
    await clock.advance(0);
    expect(clock.armedTimers).toBe(0);
  });

  it("is a ring: the oldest commands go, and who waits for one is told", async () => {
    const { clock, ledger } = arrange({ maxCommands: 3 });
    const first = ledger.open(makeHeader({ commandId: "c0" }), r1, own);
    for (let index = 1; index <= 4; index += 1) {
      ledger.open(makeHeader({ commandId: `c${index}` }), r1, own);
    }
    await first.whenClosed;
    expect(ledger.recent().map(({ header }) => header.commandId)).toEqual(["c4", "c3", "c2"]);
    ledger.close();
    expect(clock.armedTimers).toBe(0);
  });

  it("bounds the rows of all commands together", () => {
    const { ledger } = arrange({ maxRows: 10 });
    const expected = Array.from({ length: 4 }, (_, index) => ({
      replica_id: `r${index}`,
      instance_id: "i1",
      role: "worker",
    }));
    for (let index = 1; index <= 5; index += 1) {
      ledger.open(makeHeader({ commandId: `c${index}` }), expected, own);
    }
    expect(ledger.recent().map(({ header }) => header.commandId)).toEqual(["c5", "c4"]);
  });
});
