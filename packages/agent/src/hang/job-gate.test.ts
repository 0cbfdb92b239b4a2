import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { JobGate } from "./job-gate.ts";
import { JobHang } from "./job-hang.ts";

/** The application's gate, and the other thread's view of the same memory. */
function createGate() {
  const clock = new FakeClock();
  const hang = new JobHang();
  const gate = new JobGate(hang, clock);
  const begun: string[] = [];
  const begin = (job: string): void => {
    void gate.untilOpen().then(() => begun.push(job));
  };
  return { clock, gate, begin, begun, thread: new JobHang(hang.shared) };
}

describe("JobGate", () => {
  it("lets jobs begin at once when no hang stands, and arms no timer for them", async () => {
    const { gate, clock } = createGate();
    await gate.untilOpen();
    expect(clock.armedTimers).toBe(0);
  });

  it("tells the other thread that there are processors from the first question on", async () => {
    const { gate, thread } = createGate();
    expect(thread.hasProcessors).toBe(false);
    await gate.untilOpen();
    expect(thread.hasProcessors).toBe(true);
  });

  it("holds jobs until they are released, all together, with one timer for all of them", async () => {
    const { clock, begin, begun, thread } = createGate();
    thread.hold(clock.monotonicInMs() + 60_000);
    begin("a");
    begin("b");
    await clock.advance(30_000);
    expect(begun).toEqual([]);
    expect(clock.armedTimers).toBe(1);
    thread.end();
    begin("c");
    await clock.advance(50);
    expect(begun.toSorted()).toEqual(["a", "b", "c"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("opens by itself at the end, when nobody releases it", async () => {
    const { clock, begin, begun, thread } = createGate();
    thread.hold(clock.monotonicInMs() + 10_000);
    begin("a");
    await clock.advance(9_999);
    expect(begun).toEqual([]);
    await clock.advance(30);
    expect(begun).toEqual(["a"]);
    begin("b");
    await clock.advance(0);
    expect(begun).toEqual(["a", "b"]);
  });

  it("goes by a later end when the hang is replaced", async () => {
    const { clock, begin, begun, thread } = createGate();
    thread.hold(clock.monotonicInMs() + 1_000);
    begin("a");
    await clock.advance(500);
    thread.hold(clock.monotonicInMs() + 10_000);
    await clock.advance(9_000);
    expect(begun).toEqual([]);
    await clock.advance(1_100);
    expect(begun).toEqual(["a"]);
  });
});
