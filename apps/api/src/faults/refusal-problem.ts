import type { HaltNotice } from "@fleetquake/contract";
import type { Refusal } from "@fleetquake/coordinator";
import { ProblemError } from "../problems/problem-error.ts";

/** A refusal of the coordinator as a row of the problem table. */
export function refusalProblem(refusal: Refusal, cause?: unknown): ProblemError {
  const { code, detail, commandId, errors, halt, retryAfterInMs } = refusal;
  const members = {
    ...(commandId === undefined ? {} : { command_id: commandId }),
    ...(halt === undefined ? {} : { halt: noticeOf(halt) }),
  };
  return new ProblemError(code, detail, {
    ...(cause === undefined ? {} : { cause }),
    ...(Object.keys(members).length === 0 ? {} : { members }),
    ...(errors === undefined ? {} : { errors }),
    ...(retryAfterInMs === undefined ? {} : { retryAfterInMs }),
  });
}

function noticeOf(halt: NonNullable<Refusal["halt"]>): HaltNotice {
  return {
    command_id: halt.commandId,
    halted_by: halt.caller,
    halted_at: new Date(halt.atInMs).toISOString(),
    reason: halt.reason,
  };
}
