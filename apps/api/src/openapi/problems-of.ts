import { PROBLEM_CODE_NAMES, type ProblemCode } from "@fleetquake/contract";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

/** Of no operation: there is no such path, or it does not answer to the method. */
const OF_NONE: readonly ProblemCode[] = ["NOT_FOUND", "METHOD_NOT_ALLOWED"];

/** Of every operation that may change something or has a body. */
const OF_WRITES: readonly ProblemCode[] = [
  "MALFORMED_JSON",
  "ORIGIN_NOT_ALLOWED",
  "PAYLOAD_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
];

/** Probes read no query, are answered to the end, and ask nobody who he is. */
const NOT_OF_PROBES: ReadonlySet<ProblemCode> = new Set([
  "SHUTTING_DOWN",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "TOO_MANY_FAILURES",
  "IDENTITY_UNAVAILABLE",
]);

/** All codes that an operation may answer with: its own, and those that no operation claims for itself. */
export function problemsOf(operation: Operation): readonly ProblemCode[] {
  const claimed = new Set([
    ...OF_NONE,
    ...OF_WRITES,
    ...OPERATIONS.flatMap(({ problems = [] }) => problems),
  ]);
  const own = new Set<ProblemCode>([
    ...(operation.problems ?? []),
    ...(operation.method === "get" ? [] : OF_WRITES),
  ]);
  const isProbe = operation.tag === "probes";
  return PROBLEM_CODE_NAMES.filter(
    (code) => own.has(code) || (!claimed.has(code) && !(isProbe && NOT_OF_PROBES.has(code))),
  );
}
