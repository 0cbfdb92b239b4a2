import { describe, expect, it } from "vitest";
import { Housekeeping } from "./housekeeping.ts";
import { SuspendableClock } from "./testing/suspendable-clock.ts";

function arrange() {
  const clock = new SuspendableClock();
  const seen = { ticks: 0, gaps: [] as number[] };
  const housekeeping = new Housekeeping({
    clock,
    onTick: () => {
      seen.ticks += 1;
    },
    onGap: (spanInMs) => seen.gaps.push(spanInMs),
  });
  housekeeping.start();
  return { clock, seen, housekeeping };
}

describe("Housekeeping", () => {
  it("ticks every second and sees no gap while the process runs", async () => {
    const { clock, seen, housekeeping } = arrange();
    await clock.advance(10_000);
    housekeeping.look();
    expect(seen).toEqual({ ticks: 10, gaps: [] });
  });

  it("notices that the process stood still, also before its own timer fires", async () => {
    const { clock, seen, housekeeping } = arrange();
    await clock.advance(1_500);
    clock.skip(120_000);
    housekeeping.look();
    expect(seen.gaps).toEqual([120_500]);
    await clock.advance(1_000);
    expect(seen.gaps).toHaveLength(1);
  });

  it("leaves no timer after close", async () => {
    const { clock, seen, housekeeping } = arrange();
    housekeeping.close();
    await clock.advance(5_000);
    expect(clock.armedTimers).toBe(0);
    expect(seen.ticks).toBe(0);
  });
});
