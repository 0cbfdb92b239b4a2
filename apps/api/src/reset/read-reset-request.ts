import { Compile } from "typebox/schema";
import {
  RedisResetRequestSchema,
  type MemberError,
  type RedisResetRequest,
} from "@fleetquake/contract";
import type { InjectRequest } from "@fleetquake/coordinator";
import { findMistakes } from "../validation/find-mistakes.ts";
import { validationProblem } from "../validation/validation-problem.ts";

const validator = Compile(RedisResetRequestSchema);

const DEFAULT_DRAIN_TIMEOUT_IN_MS = 5_000;
/** After the drain's own deadline a replica still has to close and to answer. */
const LEAST_MARGIN_IN_MS = 1_000;

/** A reset as a caller asked for it. */
export interface ResetRequest {
  readonly injection: InjectRequest & {
    readonly order: Extract<InjectRequest["order"], { fault: "redis-reset" }>;
  };
  readonly isDryRun: boolean;
  /** `complete`: a partial outcome is a failure. */
  readonly required: "any" | "complete";
}

/**
 * Reads the body of `POST /chaos/redis-reset`; none, `{}` and `null` mean a forced reset of the whole fleet.
 * @throws {ProblemError} 400 that names each wrong member and says what would be right.
 */
export function readResetRequest(body: unknown, caller: string): ResetRequest {
  const value = body ?? {};
  if (!validator.Check(value)) {
    const [, errors] = validator.Errors(value);
    throw validationProblem("body", findMistakes(errors, RedisResetRequestSchema, value));
  }
  const mistakes = findContradictions(value);
  if (mistakes.length > 0) {
    throw validationProblem("body", mistakes);
  }
  return {
    injection: {
      order: {
        fault: "redis-reset",
        action: "inject",
        parameters: {
          force: value.force ?? true,
          drain_timeout_ms: value.drain_timeout_ms ?? DEFAULT_DRAIN_TIMEOUT_IN_MS,
          ...(value.verify === true ? { verify: true } : {}),
          ...(value.block_seconds === undefined ? {} : { block_seconds: value.block_seconds }),
        },
      },
      ...(value.deadline_ms === undefined ? {} : { deadlineInMs: value.deadline_ms }),
      ...(value.target === undefined ? {} : { target: value.target }),
      caller,
      reason: value.reason ?? null,
    },
    isDryRun: value.dry_run ?? false,
    required: value.require ?? "any",
  };
}

function findContradictions(request: RedisResetRequest): readonly MemberError[] {
  const errors: MemberError[] = [];
  const drainInMs = request.drain_timeout_ms ?? DEFAULT_DRAIN_TIMEOUT_IN_MS;
  const leastInMs = drainInMs + LEAST_MARGIN_IN_MS;
  if (request.drain_timeout_ms !== undefined && request.force === undefined) {
    errors.push({
      path: "/drain_timeout_ms",
      detail: "drains nothing without force: false; add that, or leave this out",
    });
  }
  if (request.force === false && (request.deadline_ms ?? leastInMs) < leastInMs) {
    errors.push({
      path: "/deadline_ms",
      detail: `must be at least drain_timeout_ms + ${LEAST_MARGIN_IN_MS} = ${leastInMs} when force is false, not ${request.deadline_ms}`,
    });
  }
  if (request.target?.percent !== undefined && request.target.count !== undefined) {
    errors.push({
      path: "/target/count",
      detail: "excludes percent; choose one of the two",
    });
  }
  return errors;
}
