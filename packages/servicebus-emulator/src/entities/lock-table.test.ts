import { expect, it } from "vitest";

import { LockTable } from "./lock-table.ts";
import { ManualClock } from "./manual-clock.ts";

function start(): { clock: ManualClock; locks: LockTable<string>; expired: string[] } {
  const clock = new ManualClock();
  const expired: string[] = [];
  const locks = new LockTable<string>({
    clock,
    durationInMs: () => 1000,
    onExpired: (key, value) => expired.push(`${key}=${value}`),
  });
  return { clock, locks, expired };
}

it("holds a lock until its time is over, and then says whose it was", () => {
  const { clock, locks, expired } = start();
  expect(locks.grant("a", "one")).toBe(clock.now() + 1000);
  clock.advance(999);
  expect(locks.get("a")).toBe("one");
  clock.advance(1);
  expect(locks.get("a")).toBeUndefined();
  expect(expired).toEqual(["a=one"]);
  expect(locks.renew("a")).toBeUndefined();
  expect(locks.release("a")).toBe(false);
});

it("lets locks run out one by one, each in its own time, renewed ones later", () => {
  const { clock, locks, expired } = start();
  locks.grant("a", "one");
  clock.advance(400);
  locks.grant("b", "two");
  clock.advance(400);
  expect(locks.renew("a")).toBe(clock.now() + 1000);
  clock.advance(600);
  expect(expired).toEqual(["b=two"]);
  clock.advance(400);
  expect(expired).toEqual(["b=two", "a=one"]);
});

it("keeps no timer without locks", () => {
  const { clock, locks } = start();
  locks.grant("a", "one");
  expect(locks.release("a")).toBe(true);
  clock.advance(1000);
  expect(clock.pending).toBe(0);
  locks.grant("b", "two");
  locks.clear();
  expect(clock.pending).toBe(0);
});

it("ends shorter locks first after the duration was shortened, and longer ones in their time", () => {
  const clock = new ManualClock();
  let durationInMs = 1000;
  const expired: string[] = [];
  const locks = new LockTable<string>({
    clock,
    durationInMs: () => durationInMs,
    onExpired: (key) => expired.push(key),
  });
  locks.grant("long", "");
  durationInMs = 100;
  locks.grant("short", "");
  clock.advance(100);
  expect(expired).toEqual(["short"]);
  locks.grant("next", "");
  clock.advance(800);
  expect(expired).toEqual(["short", "next"]);
  clock.advance(100);
  expect(expired).toEqual(["short", "next", "long"]);
  expect(clock.pending).toBe(0);
});
