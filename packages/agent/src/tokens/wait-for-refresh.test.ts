import { silentLog } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { waitForRefresh } from "./wait-for-refresh.ts";

function wait(whenSettled: () => Promise<void>, expiresInMs: number) {
  const clock = new FakeClock();
  const state = { isOver: false };
  const waiting = waitForRefresh(
    { whenSettled },
    { clock, log: silentLog, expiresAtMonotonicInMs: expiresInMs },
  ).then(() => (state.isOver = true));
  return { clock, state, waiting };
}

const never = (): Promise<void> => new Promise(() => undefined);

describe("a reset that meets a refresh of a token", () => {
  it("waits until the refresh is over", async () => {
    let settle = (): void => undefined;
    const refresh = new Promise<void>((resolve) => (settle = resolve));
    const { clock, state, waiting } = wait(() => refresh, 60_000);
    await clock.advance(1_900);
    expect(state.isOver).toBe(false);
    settle();
    await waiting;
    expect(clock.armedTimers).toBe(0);
  });

  it("does not wait longer than 2 s", async () => {
    const { clock, state } = wait(never, 60_000);
    await clock.advance(1_999);
    expect(state.isOver).toBe(false);
    await clock.advance(1);
    expect(state.isOver).toBe(true);
  });

  it("leaves half of its time for closing, and does not wait at all without time", async () => {
    const short = wait(never, 1_000);
    await short.clock.advance(500);
    expect(short.state.isOver).toBe(true);
    const late = wait(never, -5);
    await late.clock.advance(0);
    expect(late.state.isOver).toBe(true);
  });
});
