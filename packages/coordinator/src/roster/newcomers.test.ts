import { silentLog } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { Newcomers } from "./newcomers.ts";

function arrange() {
  const clock = new FakeClock();
  const seen = { provisioned: [] as string[], underWay: 0, most: 0, rollCalls: [] as unknown[] };
  const bus = { takesInMs: 0, isUp: true };
  const newcomers = new Newcomers({
    clock,
    log: silentLog,
    provision: async (replicaId) => {
      seen.underWay += 1;
      seen.most = Math.max(seen.most, seen.underWay);
      await new Promise<void>((resolve) => {
        clock.after(bus.takesInMs, resolve);
      });
      seen.underWay -= 1;
      if (!bus.isUp) {
        throw new Error("down");
      }
      seen.provisioned.push(replicaId);
    },
    publishRollCall: async (replicaIds) => {
      await Promise.resolve();
      if (!bus.isUp) {
        throw new Error("down");
      }
      seen.rollCalls.push(replicaIds);
    },
  });
  const welcome = (replicaId: string, needsBeacon = true): void =>
    newcomers.welcome({ replicaId, instanceId: "i1", needsBeacon });
  return { clock, seen, bus, newcomers, welcome };
}

describe("Newcomers", () => {
  it("gathers newcomers of a quarter of a second in one roll-call, each once", async () => {
    const { clock, seen, welcome } = arrange();
    welcome("a");
    await clock.advance(200);
    welcome("b");
    welcome("a");
    welcome("timed", false);
    await clock.advance(49);
    expect(seen.rollCalls).toEqual([]);
    await clock.advance(1);
    expect(seen.rollCalls).toEqual([["a", "b"]]);
    expect(seen.provisioned).toEqual(["a", "b", "a", "timed"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("names a newcomer only once it can hear", async () => {
    const { clock, seen, bus, welcome } = arrange();
    bus.takesInMs = 2_000;
    welcome("a");
    await clock.advance(2_249);
    expect(seen.rollCalls).toEqual([]);
    await clock.advance(1);
    expect(seen.rollCalls).toEqual([["a"]]);
  });

  it("provisions at most eight at a time, and does not wait for one for ever", async () => {
    const { clock, seen, bus, welcome } = arrange();
    bus.takesInMs = 1_000;
    for (let index = 0; index < 20; index += 1) {
      welcome(`r${index}`, false);
    }
    await clock.advance(3_000);
    expect(seen.most).toBe(8);
    expect(seen.provisioned).toHaveLength(20);
    bus.takesInMs = 1e9;
    welcome("stuck");
    await clock.advance(10_250);
    expect(seen.rollCalls).toEqual([["stuck"]]);
  });

  it("asks the whole fleet when there are too many to name", async () => {
    const { clock, seen, newcomers } = arrange();
    for (let index = 0; index <= 500; index += 1) {
      newcomers.name(`r${index}`);
    }
    await clock.advance(250);
    expect(seen.rollCalls).toEqual([undefined]);
  });

  it("survives a bus that is down", async () => {
    const { clock, seen, bus, welcome } = arrange();
    bus.isUp = false;
    welcome("a");
    await clock.advance(1_000);
    bus.isUp = true;
    welcome("b");
    await clock.advance(1_000);
    expect(seen.rollCalls).toEqual([["b"]]);
  });

  it("does nothing after close", async () => {
    const { clock, seen, newcomers, welcome } = arrange();
    newcomers.name("a");
    newcomers.close();
    newcomers.name("b");
    welcome("c");
    await clock.advance(1_000);
    expect(seen.rollCalls).toEqual([]);
    expect(clock.armedTimers).toBe(0);
  });
});
