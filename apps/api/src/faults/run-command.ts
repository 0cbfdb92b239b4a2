import type { FastifyReply, FastifyRequest } from "fastify";
import type {
  AcceptedAnswer,
  CommandAnswer,
  CommandOrder,
  LedgerEntry,
} from "@fleetquake/contract";
import type { CommandOrigin, InjectResult } from "@fleetquake/coordinator";
import { ProblemError } from "../problems/problem-error.ts";
import { prefersAsync } from "../reset/prefers-async.ts";
import { timestamp, type RouteOptions } from "../routes/route-options.ts";
import type { EntryAnswer } from "./answer-of-entry.ts";
import { claimKey, type KeyClaim } from "./claim-key.ts";
import { refusalProblem } from "./refusal-problem.ts";

/** One command as a route runs it. */
export interface CommandRun {
  /** What the log and the answer to `Prefer: respond-async` call it: `redis-reset`, `load`. */
  readonly name: string;
  readonly order: CommandOrder;
  readonly caller: string;
  readonly reason: string | null;
  readonly send: (origin: CommandOrigin) => Promise<InjectResult>;
  /** @throws {ProblemError} when the outcome is none to answer 200 or 207 with. */
  readonly answer: (entry: LedgerEntry) => EntryAnswer | Promise<EntryAnswer>;
}

/**
 * Runs a command and answers with its outcome, at once or later: Idempotency-Key and `Prefer: respond-async` are heeded
 * for every command alike. A caller who goes away cancels nothing.
 * @throws {ProblemError} when it was refused, or its outcome is a failure.
 */
export async function runCommand(
  request: FastifyRequest,
  reply: FastifyReply,
  { run, options }: { readonly run: CommandRun; readonly options: RouteOptions },
): Promise<CommandAnswer | AcceptedAnswer> {
  const commandId = options.fleet.newCommandId();
  const claim = await claimKey(request, { run, commandId, options });
  if (claim.kind === "replay") {
    void reply.code(claim.status);
    return claim.body;
  }
  const { step: trace } = request.operation;
  const { commandEvents } = options;
  const { name, order, caller, reason } = run;
  commandEvents.begin({ commandId, name, order, caller, reason, trace });
  const result = await sendOrForget(claim, run, { commandId, trace });
  if (result.kind === "refused") {
    const { code, halt } = result.refusal;
    commandEvents.refused(commandId, code, halt !== undefined);
    await claim.forget();
    throw refusalProblem(result.refusal);
  }
  const fields = { command_id: result.commandId, caller, trace_id: trace.traceId };
  request.log.info(fields, `${name}-accepted`);
  commandEvents.accepted(commandId);
  // After the answer, which does not wait for what is told of it.
  void result.closed.then((entry) => setImmediate(() => commandEvents.closed(entry)));
  const settled = settle(claim, run, result.closed);
  if (prefersAsync(request.headers["prefer"])) {
    settled.catch((error: unknown) => {
      // An outcome that is a failure is in the ledger's entry, for whoever did not wait. Anything else is nowhere yet.
      if (!(error instanceof ProblemError)) {
        request.log.error({ err: error, command_id: result.commandId }, `${run.name}-failed`);
      }
    });
    void reply
      .code(202)
      .header("location", `/chaos/commands/${encodeURIComponent(result.commandId)}`)
      .header("preference-applied", "respond-async");
    return {
      status: `${run.name.replaceAll("-", "_")}_accepted`,
      command_id: result.commandId,
      timestamp: timestamp(options.clock),
    };
  }
  const { status, body } = await settled;
  void reply.code(status);
  return body;
}

async function sendOrForget(
  claim: Extract<KeyClaim, { kind: "new" }>,
  run: CommandRun,
  how: Required<Pick<CommandOrigin, "commandId" | "trace">>,
): Promise<InjectResult> {
  try {
    return await run.send({ caller: run.caller, reason: run.reason, ...how });
  } catch (error) {
    await claim.forget();
    throw error;
  }
}

/** The outcome is kept under the key whether it is a success or not: it is the first outcome. */
async function settle(
  claim: Extract<KeyClaim, { kind: "new" }>,
  run: CommandRun,
  closed: Promise<LedgerEntry>,
): Promise<EntryAnswer> {
  const entry = await closed;
  await claim.settle(entry);
  return await run.answer(entry);
}
