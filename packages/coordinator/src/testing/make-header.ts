import type { CollectionHeader } from "../ledger/collection-header.ts";

/** Midnight at which fake clocks start, ms since 1970. */
const START_IN_MS = Date.UTC(2026, 0, 1);

/** A command's header, opened when fake clocks start and due five seconds later. */
export function makeHeader(overrides: Partial<CollectionHeader> = {}): CollectionHeader {
  return {
    commandId: "c1",
    order: {
      fault: "redis-reset",
      action: "inject",
      parameters: { force: true, drain_timeout_ms: 5_000 },
    },
    epoch: 1,
    isRosterComplete: true,
    target: {},
    openedAtInMs: START_IN_MS,
    deadlineAtInMs: START_IN_MS + 5_000,
    deadlineInMs: 5_000,
    issuer: "api-1",
    caller: "tester",
    reason: null,
    ...overrides,
  };
}
