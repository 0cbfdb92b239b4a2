import type { FastifyRequest } from "fastify";
import type { CommandAnswer, LedgerEntry, ProblemCode } from "@fleetquake/contract";
import {
  BusUnavailableError,
  LockContendedError,
  type ClaimedKey,
  type IdempotencyRecord,
  type KeyState,
} from "@fleetquake/coordinator";
import { ProblemError } from "../problems/problem-error.ts";
import type { RouteOptions } from "../routes/route-options.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { CommandRun } from "./run-command.ts";

/** What a request's Idempotency-Key came to; without one every request is new. */
export type KeyClaim =
  | ({ readonly kind: "new" } & ClaimedKey)
  | { readonly kind: "replay"; readonly status: number; readonly body: CommandAnswer };

const KEY = /^[\x21-\x7e]{1,256}$/;
const RETRY_IN_MS = 1_000;

const keyless: KeyClaim = {
  kind: "new",
  forget: () => Promise.resolve(),
  settle: () => Promise.resolve(),
};

/**
 * Takes the request's Idempotency-Key, or shows the first outcome of the request that used it before.
 * @throws {ProblemError} 400 for a key that is none, 409 while the first request runs, 422 when it was used for another
 * body, 503 when the keys cannot be looked up, and the first outcome's problem where it was one.
 */
export async function claimKey(
  request: FastifyRequest,
  {
    run,
    commandId,
    options,
  }: { readonly run: CommandRun; readonly commandId: string; readonly options: RouteOptions },
): Promise<KeyClaim> {
  const key = readKey(request);
  if (key === undefined) {
    return keyless;
  }
  const state = await takeKey(options, {
    scope: `${run.caller} ${request.method} ${request.routeOptions.url ?? ""}`,
    key,
    body: canonicalJson(request.body ?? null),
    commandId,
  });
  switch (state.kind) {
    case "new":
      return { kind: "new", ...state.claim };
    case "mismatch":
      throw new ProblemError(
        "IDEMPOTENCY_KEY_REUSED",
        "This Idempotency-Key was used with another body; use a new key for a new request.",
        { members: { command_id: state.record.commandId } },
      );
    case "known":
      return await replay(state.record, run, options);
  }
}

function readKey(request: FastifyRequest): string | undefined {
  const given = request.headers["idempotency-key"];
  if (given === undefined) {
    return undefined;
  }
  if (typeof given !== "string" || !KEY.test(given)) {
    throw new ProblemError(
      "VALIDATION_FAILED",
      "Wrong header: Idempotency-Key must have 1 to 256 visible ASCII characters, and be there once.",
      { errors: [{ path: "Idempotency-Key", detail: "must have 1 to 256 visible characters" }] },
    );
  }
  return given;
}

async function takeKey(
  { keys }: RouteOptions,
  request: Parameters<RouteOptions["keys"]["take"]>[0],
): Promise<KeyState> {
  try {
    return await keys.take(request);
  } catch (cause) {
    if (cause instanceof LockContendedError) {
      throw running(request.commandId, cause);
    }
    if (cause instanceof BusUnavailableError) {
      throw new ProblemError(
        "CHAOS_BUS_UNAVAILABLE",
        "The bus cannot be reached to look the Idempotency-Key up; nothing was published.",
        { cause, retryAfterInMs: RETRY_IN_MS },
      );
    }
    throw cause;
  }
}

function running(commandId: string, cause?: unknown): ProblemError {
  return new ProblemError(
    "IDEMPOTENCY_KEY_IN_USE",
    `The first request with this Idempotency-Key has no outcome yet; /chaos/commands/${commandId} shows what is known.`,
    { members: { command_id: commandId }, cause, retryAfterInMs: RETRY_IN_MS },
  );
}

async function replay(
  record: IdempotencyRecord,
  run: CommandRun,
  options: RouteOptions,
): Promise<KeyClaim> {
  const entry = options.fleet.command(record.commandId);
  const isOver = entry !== undefined && entry.outcome !== "pending";
  if (record.totals === null && !isOver) {
    throw running(record.commandId);
  }
  try {
    const { status, body } = await run.answer(isOver ? entry : entryOf(record, run));
    return { kind: "replay", status, body: { ...body, replayed: true } };
  } catch (error) {
    throw error instanceof ProblemError ? replayedProblem(error) : error;
  }
}

function replayedProblem(error: ProblemError): ProblemError {
  const code: ProblemCode = error.code;
  return new ProblemError(code, error.message, {
    ...error.options,
    members: { ...error.options.members, replayed: true },
    cause: error,
  });
}

/** The ledger has forgotten the command: only its totals are left. */
function entryOf(
  { commandId, startedAtInMs, totals }: IdempotencyRecord,
  run: CommandRun,
): LedgerEntry {
  if (totals === null) {
    throw running(commandId);
  }
  const startedAt = new Date(startedAtInMs).toISOString();
  return {
    ...run.order,
    command_id: commandId,
    epoch: 0,
    target: {},
    caller: run.caller,
    issuer: "",
    reason: run.reason,
    opened_at: startedAt,
    deadline_at: startedAt,
    deadline_ms: 0,
    closed_at: startedAt,
    published: totals.published,
    outcome: totals.outcome,
    connections_closed: totals.connectionsClosed,
    duration_ms: totals.durationInMs,
    skew_ms: null,
    skew_uncertainty_ms: null,
    fleet: totals.fleet,
    replicas: [],
    recovery: null,
  };
}
