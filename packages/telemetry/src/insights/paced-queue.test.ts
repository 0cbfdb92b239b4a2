import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { PacedQueue } from "./paced-queue.ts";

describe("a paced queue", () => {
  it("does nothing for a while, then a few at a time, in order", async () => {
    const clock = new FakeClock();
    const queue = new PacedQueue({ clock });
    const done: number[] = [];
    for (let task = 0; task < 100; task += 1) {
      queue.push(() => done.push(task));
    }
    await clock.advance(199);
    expect(done).toEqual([]);
    await clock.advance(1);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(100);
    await clock.advance(100);
    expect(done).toEqual(Array.from({ length: 100 }, (_, task) => task));
  });

  it("holds so many and drops and counts the others", () => {
    const queue = new PacedQueue({ clock: new FakeClock(), capacity: 3 });
    const done: number[] = [];
    for (let task = 0; task < 10; task += 1) {
      queue.push(() => done.push(task));
    }
    queue.drain();
    expect(done).toEqual([0, 1, 2]);
    expect(queue.dropped).toBe(7);
  });

  it("takes what comes while it is at it", async () => {
    const clock = new FakeClock();
    const queue = new PacedQueue({ clock });
    const done: string[] = [];
    queue.push(() => {
      done.push("first");
      queue.push(() => done.push("second"));
    });
    await clock.advance(500);
    expect(done).toEqual(["first", "second"]);
  });
});
