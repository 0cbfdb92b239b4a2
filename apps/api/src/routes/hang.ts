import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  HangRequestSchema,
  LONGEST_FAULT_IN_SECONDS,
  LONGEST_PROCESS_HANG_IN_SECONDS,
  type HangRequest,
  type MemberError,
  type RequestHangAnswer,
} from "@fleetquake/contract";
import type { Refusal } from "@fleetquake/coordinator";
import { injectFault } from "../faults/inject-fault.ts";
import { recoverFault } from "../faults/recover-fault.ts";
import { findNamedApis } from "../faults/find-named-apis.ts";
import { bodyReader, requireBody, targetContradictions } from "../faults/read-body.ts";
import { readInOrder } from "../faults/read-in-order.ts";
import { refusalProblem } from "../faults/refusal-problem.ts";
import { ProblemError } from "../problems/problem-error.ts";
import { refuseBody } from "../validation/refuse-body.ts";
import { refuseQuery } from "../validation/query-reader.ts";
import { validationProblem } from "../validation/validation-problem.ts";
import { timestamp, type RouteOptions } from "./route-options.ts";

const PATH = "/chaos/hang";
const ACTIVE_TEXT = "Hang already active";

const readHang = bodyReader({ schema: HangRequestSchema, findContradictions });

/** What a hang would order if it were right: enough to ask whether another one stands. */
const anyHang = {
  fault: "hang",
  action: "inject",
  parameters: { scope: "jobs", duration_seconds: 1 },
} as const;

/** `POST` and `DELETE /chaos/hang`. */
export function registerHang(app: FastifyInstance, options: RouteOptions): void {
  const { fleet, clock, hangs } = options;
  const conflict = (): Refusal | null => hangConflict(options);
  app.post(PATH, async (request, reply) => {
    const body = readInOrder(() => {
      refuseQuery(request.query);
      return withoutApis(readHang(requireBody(request.body)), fleet);
    }, conflict);
    const refusal = conflict();
    if (refusal !== null) {
      throw refusalProblem(refusal);
    }
    const { scope = "request", duration_seconds = 0 } = body;
    return scope === "request"
      ? hangRequest(request, { duration_seconds, options })
      : injectFault(request, reply, {
          order: { ...anyHang, parameters: { scope, duration_seconds } },
          target: body.target,
          words: { complete: "hang_started", partial: "hang_partially_started" },
          members: { scope, duration_seconds },
          options,
        });
  });

  app.delete(PATH, async (request, reply) => {
    refuseQuery(request.query);
    refuseBody(request.body);
    const wasHanging = hangs.release();
    if (wasHanging && !fleet.readiness().busConnected && !fleet.status().hang.active) {
      // The only hang that there was is over; a bus that is away changes nothing about that.
      return { status: "hang_released", timestamp: timestamp(clock) };
    }
    return recoverFault(request, reply, {
      fault: "hang",
      words: { complete: "hang_released", partial: "hang_partially_released" },
      options,
    });
  });
}

/** Only this request hangs; everything else in this API goes on. */
async function hangRequest(
  request: FastifyRequest,
  {
    duration_seconds,
    options,
  }: { readonly duration_seconds: number; readonly options: RouteOptions },
): Promise<RequestHangAnswer> {
  const refusal = options.fleet.haltRefusal();
  if (refusal !== null) {
    throw refusalProblem(refusal);
  }
  const gone = new AbortController();
  request.raw.socket.once("close", () => gone.abort());
  request.log.info({ duration_seconds }, "hang-started");
  const end = await options.hangs.hang(duration_seconds, gone.signal);
  request.log.info({ end }, "hang-ended");
  if (end === "shutting-down") {
    throw new ProblemError("SHUTTING_DOWN", "This API is ending, and the hang with it.");
  }
  return {
    status: end === "completed" ? "hang_completed" : "hang_released",
    duration_seconds,
    timestamp: timestamp(options.clock),
  };
}

/** A request that hangs here is in the way of every hang asked for here. */
function hangConflict({ fleet, hangs }: RouteOptions): Refusal | null {
  const { active, remaining_seconds } = hangs.status;
  if (!active) {
    return fleet.conflict(anyHang);
  }
  return {
    code: "CHAOS_ALREADY_ACTIVE",
    detail: ACTIVE_TEXT,
    retryAfterInMs: Math.max(1, remaining_seconds) * 1_000,
  };
}

/** @throws {ProblemError} 400 for a hang of the process that names an API. */
function withoutApis(body: HangRequest, fleet: RouteOptions["fleet"]): HangRequest {
  const errors = body.scope === "process" ? findNamedApis(body.target, fleet) : [];
  if (errors.length > 0) {
    throw validationProblem("body", errors);
  }
  return body;
}

function findContradictions(body: HangRequest): readonly MemberError[] {
  const { scope = "request", duration_seconds = 0, target } = body;
  const errors = [...targetContradictions(target)];
  if (scope === "request") {
    if (target !== undefined) {
      errors.push({ path: "/target", detail: "has no meaning with scope request: leave it out" });
    }
    return errors;
  }
  const most = scope === "process" ? LONGEST_PROCESS_HANG_IN_SECONDS : LONGEST_FAULT_IN_SECONDS;
  if (duration_seconds < 1 || duration_seconds > most) {
    const given = body.duration_seconds === undefined ? "nothing" : String(duration_seconds);
    errors.push({
      path: "/duration_seconds",
      detail: `must be a whole number from 1 to ${most} with scope ${scope}, not ${given}`,
    });
  }
  return errors;
}
