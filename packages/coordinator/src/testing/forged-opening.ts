import { BUS_SCHEMA_VERSION, type CommandOpened, type CommandOrder } from "@fleetquake/contract";

/** A command of a stranger, for nobody; whatever a test does not name is plausible. */
export function forgedOpening(
  order: CommandOrder,
  overrides: Partial<Omit<CommandOpened, keyof CommandOrder>> = {},
): CommandOpened {
  return {
    schema: BUS_SCHEMA_VERSION,
    type: "command-opened",
    command_id: "forged",
    ...order,
    epoch: 1,
    target: {},
    expected: [],
    part: 0,
    parts: 1,
    is_roster_complete: true,
    opened_at: "2026-01-01T00:00:00.000Z",
    deadline_at: "2026-01-01T00:00:05.000Z",
    deadline_ms: 5_000,
    issuer: "stranger",
    caller: "stranger",
    reason: null,
    ...overrides,
  };
}
