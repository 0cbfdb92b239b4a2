import { expect, it } from "vitest";
import { ReconnectDelay } from "./reconnect-delay.ts";

it("grows from 100 ms to one second while connections do not hold", () => {
  const delay = new ReconnectDelay(() => 1);
  expect([0, 0, 0, 0, 0, 0].map((lived) => delay.next(lived))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
});

it("spreads a fleet over half of the delay", () => {
  expect(new ReconnectDelay(() => 0).next(0)).toBe(50);
});

it("begins anew after a connection that was good for five seconds, not after one that was not", () => {
  const delay = new ReconnectDelay(() => 1);
  delay.next(0);
  delay.next(0);
  expect(delay.next(4_999)).toBe(400);
  expect(delay.next(5_000)).toBe(100);
});
