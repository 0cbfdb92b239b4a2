import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { PacedQueue } from "./paced-queue.ts";

describe("a paced queue", () => {
  it("does nothing before whoever asked has gone on, and a few at a time, in order", async () => {
    const queue = new PacedQueue();
    const done: number[] = [];
    for (let task = 0; task < 100; task += 1) {
      queue.push(() => done.push(task));
    }
    expect(done).toEqual([]);
    await nextTurn();
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(100);
    for (let turn = 0; turn < 100 && done.length < 100; turn += 1) {
      await nextTurn();
    }
    expect(done).toEqual(Array.from({ length: 100 }, (_, task) => task));
  });

  it("holds so many and drops and counts the others", () => {
    const queue = new PacedQueue(3);
    const done: number[] = [];
    for (let task = 0; task < 10; task += 1) {
      queue.push(() => done.push(task));
    }
    queue.drain();
    expect(done).toEqual([0, 1, 2]);
    expect(queue.dropped).toBe(7);
  });

  it("takes what comes while it is at it", () => {
    const queue = new PacedQueue();
    const done: string[] = [];
    queue.push(() => {
      done.push("first");
      queue.push(() => done.push("second"));
    });
    queue.drain();
    queue.drain();
    expect(done).toEqual(["first", "second"]);
  });
});
