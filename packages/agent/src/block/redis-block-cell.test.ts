import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { RedisBlockCell } from "./redis-block-cell.ts";

function startCell() {
  const clock = new FakeClock();
  return { clock, cell: new RedisBlockCell({ clock }) };
}

describe("the cell of a redis-block", () => {
  it.each(["refuse", "drop"] as const)("says %s from begin to end", (mode) => {
    const { cell } = startCell();
    expect(cell.mode).toBeNull();
    cell.begin({ mode, endsAtMonotonicInMs: 1_000 });
    expect(cell.mode).toBe(mode);
    cell.end();
    expect(cell.mode).toBeNull();
    cell.end();
    expect(cell.mode).toBeNull();
  });

  it("ends by itself at its end, to the millisecond, and for every reader", async () => {
    const { clock, cell } = startCell();
    const reader = new RedisBlockCell({ clock, shared: cell.shared });
    cell.begin({ mode: "drop", endsAtMonotonicInMs: 499.2 });
    await clock.advance(499);
    expect([cell.mode, reader.mode]).toEqual(["drop", "drop"]);
    await clock.advance(1);
    expect([cell.mode, reader.mode]).toEqual([null, null]);
  });

  it("replaces the block that stands: its mode, and its end, sooner or later", async () => {
    const { clock, cell } = startCell();
    cell.begin({ mode: "drop", endsAtMonotonicInMs: 100 });
    cell.begin({ mode: "refuse", endsAtMonotonicInMs: 1_000 });
    await clock.advance(500);
    expect(cell.mode).toBe("refuse");
    cell.begin({ mode: "drop", endsAtMonotonicInMs: 600 });
    await clock.advance(100);
    expect(cell.mode).toBeNull();
  });

  it("begins anew after one that ended by itself", async () => {
    const { clock, cell } = startCell();
    cell.begin({ mode: "refuse", endsAtMonotonicInMs: 10 });
    await clock.advance(10);
    expect(cell.mode).toBeNull();
    cell.begin({ mode: "drop", endsAtMonotonicInMs: 20 });
    expect(cell.mode).toBe("drop");
  });

  it.each([Number.POSITIVE_INFINITY, Number.MAX_VALUE, 2 ** 52])(
    "holds an end as far off as %d",
    async (endsAtMonotonicInMs) => {
      const { clock, cell } = startCell();
      cell.begin({ mode: "refuse", endsAtMonotonicInMs });
      await clock.advance(365 * 86_400_000);
      expect(cell.mode).toBe("refuse");
    },
  );

  it("never stands when its end is past", async () => {
    const { clock, cell } = startCell();
    await clock.advance(1_000);
    for (const endsAtMonotonicInMs of [1_000, 0, -1]) {
      cell.begin({ mode: "drop", endsAtMonotonicInMs });
      expect(cell.mode).toBeNull();
    }
  });

  it("knows in every thread whether anybody holds connections to it", () => {
    const { clock, cell } = startCell();
    const reader = new RedisBlockCell({ clock, shared: cell.shared });
    expect(reader.isGuarded).toBe(false);
    const [first, second] = [cell.guard(), cell.guard()];
    first();
    expect(reader.isGuarded).toBe(true);
    second();
    expect(reader.isGuarded).toBe(false);
  });
});
