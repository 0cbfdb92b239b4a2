import type { LastingFault, MemberError, ProblemCode } from "@fleetquake/contract";
import type { HaltRecord } from "./records/halt-record.ts";
import type { FaultRecord } from "./records/fault-record.ts";
import { timestampOf } from "./timestamp-of.ts";

/** Why a request was turned down; nothing was injected and no cool-down consumed. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly detail: string;
  /** When it is worth another try, in milliseconds. */
  readonly retryAfterInMs?: number;
  /** The command that is in the way. */
  readonly commandId?: string;
  /** Who halted the fleet, when and why. */
  readonly halt?: HaltRecord;
  readonly errors?: readonly MemberError[];
}

/** A request that was turned down. */
export interface Refused {
  readonly kind: "refused";
  readonly refusal: Refusal;
}

export function refused(refusal: Refusal): Refused {
  return { kind: "refused", refusal };
}

/** How soon somebody whom a lock or a lost bus turned down may try again. */
const SHORTLY_IN_MS = 1_000;

/** Another command collects answers: `retryAfterInMs` is the earliest moment at which a retry can pass. */
export function refuseCollecting(record: FaultRecord, nowInMs: number): Refusal {
  const coolDownInMs = record.coolDownUntilInMs - nowInMs;
  const collectingInMs = Math.min(record.collectingUntilInMs - nowInMs, SHORTLY_IN_MS);
  return {
    code: "CHAOS_COLLECTING",
    detail: `Command ${record.commandId}, accepted at ${timestampOf(record.acceptedAtInMs)} by ${record.issuer}, is still collecting answers until ${timestampOf(record.collectingUntilInMs)} at the latest.`,
    retryAfterInMs: Math.max(1, Math.ceil(Math.max(coolDownInMs, collectingInMs))),
    commandId: record.commandId,
  };
}

/** Another request of this process goes for the fleet's lock; whether it becomes a command is not known yet. */
export function refuseInFlight(issuer: string): Refusal {
  return {
    code: "CHAOS_COLLECTING",
    detail: `Another request to ${issuer} is waiting for the fleet's lock at this moment.`,
    retryAfterInMs: SHORTLY_IN_MS,
  };
}

/** Somebody else holds the fleet's lock: he is publishing at this moment. */
export function refuseContended(): Refusal {
  return {
    code: "CHAOS_COLLECTING",
    detail: "Another API replica holds the fleet's lock and is publishing a command.",
    retryAfterInMs: SHORTLY_IN_MS,
  };
}

/** What the original tool says of a fault that lasts. */
const ACTIVE_TEXTS = {
  load: "Load simulation already active",
  hang: "Hang already active",
  "redis-block": "Redis block already active",
  "token-expiry": "Redis token expiry already active",
} as const satisfies Record<LastingFault, string>;

/** A fault of this kind still lasts; the text is the original tool's, the rest stands in members. */
export function refuseActive(fault: LastingFault, record: FaultRecord, nowInMs: number): Refusal {
  return {
    code: "CHAOS_ALREADY_ACTIVE",
    detail: ACTIVE_TEXTS[fault],
    retryAfterInMs: Math.max(1, Math.ceil(record.activeUntilInMs - nowInMs)),
    commandId: record.commandId,
  };
}

/** The fleet is halted. */
export function refuseHalted(halt: HaltRecord): Refusal {
  const why = halt.reason === "" ? "no reason given" : halt.reason;
  return {
    code: "CHAOS_HALTED",
    detail: `The fleet was halted by ${halt.caller} at ${timestampOf(halt.atInMs)} (${why}); DELETE /chaos/halt releases it.`,
    halt,
  };
}

/** The cool-down of the last accepted command has not passed. */
export function refuseCoolingDown(record: FaultRecord, nowInMs: number): Refusal {
  const leftInMs = Math.max(1, Math.ceil(record.coolDownUntilInMs - nowInMs));
  return {
    code: "CHAOS_COOLING_DOWN",
    detail: `Command ${record.commandId} was accepted at ${timestampOf(record.acceptedAtInMs)} by ${record.issuer}; its cool-down has ${(leftInMs / 1_000).toFixed(1)} s left.`,
    retryAfterInMs: leftInMs,
    commandId: record.commandId,
  };
}

/** The roster is not complete yet. */
export function refuseWarming(retryAfterInMs: number): Refusal {
  return {
    code: "CHAOS_ROSTER_WARMING",
    detail:
      "This API has not yet heard the whole fleet; a command now would count on half a roster.",
    retryAfterInMs: Math.max(1, Math.ceil(retryAfterInMs)),
  };
}

/** The bus cannot be reached and certainly nothing was published. */
export function refuseBusUnavailable(): Refusal {
  return {
    code: "CHAOS_BUS_UNAVAILABLE",
    detail: "The bus cannot be reached; nothing was published and no cool-down was consumed.",
    retryAfterInMs: SHORTLY_IN_MS,
  };
}

/** This API is ending. */
export function refuseShuttingDown(): Refusal {
  return {
    code: "SHUTTING_DOWN",
    detail: "This API is ending and injects nothing any more.",
    retryAfterInMs: SHORTLY_IN_MS,
  };
}
