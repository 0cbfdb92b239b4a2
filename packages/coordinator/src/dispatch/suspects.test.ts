import type { CommandOrder } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { Collection } from "../ledger/collection.ts";
import type { RosterRow } from "../roster/roster.ts";
import { makeHeader } from "../testing/make-header.ts";
import { makeMember } from "../testing/make-member.ts";
import { acknowledgement } from "../testing/messages.ts";
import { suspects } from "./suspects.ts";

const { openedAtInMs } = makeHeader();
const nowInMs = openedAtInMs + 10_000;
const load: CommandOrder = {
  fault: "load",
  action: "inject",
  parameters: { level: "low", duration_seconds: 60, jobs_per_second: 0 },
};
const loadEnd: CommandOrder = { fault: "load", action: "recover", parameters: {} };
const halt: CommandOrder = { fault: "halt", action: "inject", parameters: { reason: "" } };
const reset = makeHeader().order;

/** What r1 answered to an order; null: nothing. */
function collection(
  order: CommandOrder,
  epoch: number,
  state: "acknowledged" | "refused" | null = "acknowledged",
): Collection {
  const header = makeHeader({ commandId: `c${epoch}`, order, epoch });
  const made = new Collection(header, [{ replica_id: "r1", instance_id: "i1", role: "worker" }]);
  if (state !== null) {
    made.acknowledge(acknowledgement({ command_id: `c${epoch}`, state }), openedAtInMs);
  }
  return made;
}

function row(state: RosterRow["state"], ends_at?: string, command_id = "unheard"): RosterRow {
  const active_faults =
    ends_at === undefined ? [] : [{ fault: "load", command_id, ends_at, level: "low" }];
  return { state, member: makeMember("r1", { active_faults }) };
}

function isSuspect(
  one: RosterRow,
  collections: readonly Collection[] = [],
  options: { readonly fault?: "load" | "redis-block"; readonly nowInMs?: number } = {},
): boolean {
  return suspects({ fault: "load", nowInMs, rows: [one], collections, ...options }).length === 1;
}

describe("suspects", () => {
  it("are all who are there, and none who has left", () => {
    expect(isSuspect(row("active"))).toBe(true);
    expect(isSuspect(row("left"), [collection(load, 1)])).toBe(false);
  });

  it("are frozen ones that were asked and have not turned it down", () => {
    expect(isSuspect(row("stale"))).toBe(false);
    expect(isSuspect(row("stale"), [collection(load, 1)])).toBe(true);
    expect(isSuspect(row("stale"), [collection(load, 1, null)])).toBe(true);
    expect(isSuspect(row("stale"), [collection(load, 1, "refused")])).toBe(false);
  });

  it("are no frozen ones whose time is over, or that were asked for something else", () => {
    const late = { nowInMs: openedAtInMs + 60_000 };
    expect(isSuspect(row("stale"), [collection(load, 1)], late)).toBe(false);
    expect(isSuspect(row("stale"), [collection(load, 1)], { fault: "redis-block" })).toBe(false);
    expect(isSuspect(row("stale"), [collection(reset, 1)], { fault: "redis-block" })).toBe(false);
  });

  it("are frozen ones that a reset may have cut off for a time", () => {
    const parameters = { force: true, drain_timeout_ms: 5_000, block_seconds: 60 };
    const blocking: CommandOrder = { fault: "redis-reset", action: "inject", parameters };
    expect(isSuspect(row("stale"), [collection(blocking, 1)], { fault: "redis-block" })).toBe(true);
  });

  it("are frozen ones that reported it, while its time is not over", () => {
    expect(isSuspect(row("stale", "2026-01-01T00:00:10.001Z"))).toBe(true);
    expect(isSuspect(row("stale", "2026-01-01T00:00:10.000Z"))).toBe(false);
    expect(isSuspect(row("stale", "9999-99-99T99:99:99.999Z"))).toBe(false);
  });

  it("are no frozen ones that have confirmed its end, or a halt, since", () => {
    const reporting = row("stale", "2026-01-01T00:01:00.000Z", "c1");
    for (const end of [loadEnd, halt]) {
      expect(isSuspect(reporting, [collection(load, 1), collection(end, 2)])).toBe(false);
      expect(isSuspect(reporting, [collection(load, 1), collection(end, 2, null)])).toBe(true);
      expect(isSuspect(row("stale"), [collection(end, 2), collection(load, 3)])).toBe(true);
    }
  });
});
