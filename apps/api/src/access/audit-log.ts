import type { FastifyBaseLogger } from "fastify";
import { PROBLEM_CODES } from "@fleetquake/contract";
import type { ProblemError } from "../problems/problem-error.ts";
import type { RequestedRoute } from "./needed-role.ts";

/** What an event of the audit log is about; the log given with it adds the request's id. */
export interface AuditSubject extends RequestedRoute {
  readonly caller: string;
  readonly remoteAddress: string;
}

const LONGEST_PATH = 256;

/** A request that was not let in. Nothing of a credential is in it, since no problem holds any. */
export function auditRefusal(
  log: FastifyBaseLogger,
  subject: AuditSubject,
  problem: ProblemError,
): void {
  log.warn(
    {
      ...fieldsOf(subject),
      status: PROBLEM_CODES[problem.code].status,
      reason: problem.options.reason ?? problem.code.toLowerCase().replaceAll("_", "-"),
    },
    "access-refused",
  );
}

/** A write under /chaos that was let in; what came of it is in `request-answered` with the same request id. */
export function auditGrant(log: FastifyBaseLogger, subject: AuditSubject): void {
  log.info(fieldsOf(subject), "access-granted");
}

/** A credential that was not good on a route that answers to everybody, without detail. */
export function auditWithheld(
  log: FastifyBaseLogger,
  subject: AuditSubject,
  problem: ProblemError,
): void {
  log.warn(
    { ...fieldsOf(subject), reason: problem.options.reason ?? problem.code },
    "detail-withheld",
  );
}

function fieldsOf({ caller, remoteAddress, method, route, url }: AuditSubject): object {
  const path = (url.split("?", 1)[0] ?? "").slice(0, LONGEST_PATH);
  return { caller, remote_address: remoteAddress, method, route: route ?? path };
}
