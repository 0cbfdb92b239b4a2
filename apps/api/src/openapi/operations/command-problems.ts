import type { ProblemCode } from "@fleetquake/contract";

/** Of every command, whatever it does. */
const OF_COMMANDS = [
  "VALIDATION_FAILED",
  "CHAOS_COLLECTING",
  "IDEMPOTENCY_KEY_IN_USE",
  "IDEMPOTENCY_KEY_REUSED",
  "CHAOS_ALL_REFUSED",
  "CHAOS_BUS_UNAVAILABLE",
  "CHAOS_NO_ANSWER",
] as const satisfies readonly ProblemCode[];

/** Of whatever ends a fault, and of a halt. */
export const RECOVERY_PROBLEMS: readonly ProblemCode[] = OF_COMMANDS;

/** Of whatever injects a fault. */
export const INJECTION_PROBLEMS: readonly ProblemCode[] = [
  ...OF_COMMANDS,
  "CHAOS_NO_TARGETS",
  "UNKNOWN_REPLICA",
  "CHAOS_ALREADY_ACTIVE",
  "CHAOS_HALTED",
  "CHAOS_ROSTER_WARMING",
];
