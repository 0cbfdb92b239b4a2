import type { FastifyInstance, FastifyRequest } from "fastify";
import type {
  AcceptedAnswer,
  DryRunAnswer,
  LedgerEntry,
  RedisResetAnswer,
} from "@fleetquake/contract";
import type { Refusal } from "@fleetquake/coordinator";
import type { FleetControl } from "../ports/fleet-control.ts";
import { ProblemError } from "../problems/problem-error.ts";
import { answerOfOutcome } from "../reset/answer-of-outcome.ts";
import { prefersAsync } from "../reset/prefers-async.ts";
import { readResetRequest, type ResetRequest } from "../reset/read-reset-request.ts";
import { refuseQuery } from "../validation/query-reader.ts";
import { timestamp, type RouteOptions } from "./route-options.ts";

/** `POST /chaos/redis-reset`. A caller who goes away cancels nothing. */
export function registerRedisReset(app: FastifyInstance, options: RouteOptions): void {
  const { fleet, clock } = options;
  app.post(
    "/chaos/redis-reset",
    async (request, reply): Promise<RedisResetAnswer | DryRunAnswer | AcceptedAnswer> => {
      const reset = readInOrder(request, fleet);
      if (reset.isDryRun) {
        const now = timestamp(clock);
        return {
          status: "dry_run",
          timestamp: now,
          connections_closed: 0,
          ...fleet.dryRun(reset.injection),
        };
      }
      const result = await fleet.inject(reset.injection);
      if (result.kind === "refused") {
        throw refusalProblem(result.refusal);
      }
      request.log.info({ command_id: result.commandId }, "redis-reset-accepted");
      if (prefersAsync(request.headers["prefer"])) {
        void reply
          .code(202)
          .header("location", `/chaos/commands/${encodeURIComponent(result.commandId)}`)
          .header("preference-applied", "respond-async");
        return {
          status: "redis_reset_accepted",
          command_id: result.commandId,
          timestamp: timestamp(clock),
        };
      }
      const { status, body } = answerOfOutcome(await result.closed, {
        required: reset.required,
        nowInMs: clock.nowInMs(),
      });
      void reply.code(status);
      return body;
    },
  );
}

/** The contract's order: while another reset is collecting, a wrong request is told that before what is wrong with it. */
function readInOrder(request: FastifyRequest, fleet: FleetControl): ResetRequest {
  try {
    refuseQuery(request.query);
    refuseUnsupportedHeaders(request);
    return readResetRequest(request.body, `anonymous (${request.ip})`);
  } catch (error) {
    const collecting = fleet.commands({ limit: 1 }).entries[0];
    if (collecting?.outcome === "pending" && !asksForDryRun(request.body)) {
      throw collectingProblem(collecting, error);
    }
    throw error;
  }
}

function refuseUnsupportedHeaders(request: FastifyRequest): void {
  if (request.headers["idempotency-key"] !== undefined) {
    throw new ProblemError(
      "CHAOS_NOT_SUPPORTED",
      "This version does not support the Idempotency-Key header yet; leave it out.",
      { errors: [{ path: "Idempotency-Key", detail: "is not supported yet" }] },
    );
  }
}

function asksForDryRun(body: unknown): boolean {
  return typeof body === "object" && body !== null && "dry_run" in body && body.dry_run === true;
}

function collectingProblem(entry: LedgerEntry, cause: unknown): ProblemError {
  return new ProblemError(
    "CHAOS_COLLECTING",
    `Command ${entry.command_id} is still collecting answers until ${entry.deadline_at} at the latest.`,
    { cause, members: { command_id: entry.command_id } },
  );
}

function refusalProblem(refusal: Refusal): ProblemError {
  const { code, detail, commandId, errors, retryAfterInMs } = refusal;
  return new ProblemError(code, detail, {
    ...(commandId === undefined ? {} : { members: { command_id: commandId } }),
    ...(errors === undefined ? {} : { errors }),
    ...(retryAfterInMs === undefined ? {} : { retryAfterInMs }),
  });
}
