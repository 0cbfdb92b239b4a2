import { STATUS_CODES } from "node:http";
import { PROBLEM_CODES, ProblemSchema, type ProblemCode } from "@fleetquake/contract";
import { RETRY_STATUSES } from "../problems/retry-statuses.ts";
import type { SchemaCollection } from "./collect-schemas.ts";
import type { ExampleObject, ReferenceObject, ResponseObject } from "./open-api-document.ts";

/** The statuses of some problem codes, each with its codes. */
export function problemsByStatus(
  codes: readonly ProblemCode[],
): ReadonlyMap<string, readonly ProblemCode[]> {
  const byStatus = new Map<string, ProblemCode[]>();
  for (const code of codes) {
    const status = String(PROBLEM_CODES[code].status);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

/** A name for the response that stands for some codes: `MalformedJsonOrValidationFailed`. */
export function problemResponseName(codes: readonly ProblemCode[]): string {
  return codes.map((code) => pascalCase(code)).join("Or");
}

/** The response that stands for some codes of one status. */
export function problemResponse(
  codes: readonly ProblemCode[],
  schemas: SchemaCollection,
): ResponseObject {
  const [first] = codes;
  const status = first === undefined ? 500 : PROBLEM_CODES[first].status;
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEM_CODES[code].when}`).join("\n\n"),
    headers: headersOf(status),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [
            schemas.refer(ProblemSchema),
            { properties: { status: { const: status }, code: { enum: codes } } },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, exampleOf(code)])),
      },
    },
  };
}

function headersOf(status: number): Readonly<Record<string, ReferenceObject>> {
  const header = (name: string): ReferenceObject => ({ $ref: `#/components/headers/${name}` });
  return {
    "X-Request-ID": header("X-Request-ID"),
    ...(RETRY_STATUSES.has(status) && { "Retry-After": header("Retry-After") }),
  };
}

function exampleOf(code: ProblemCode): ExampleObject {
  const { status, when } = PROBLEM_CODES[code];
  const title = STATUS_CODES[status] ?? "Error";
  return {
    value: {
      type: "about:blank",
      title,
      status,
      detail: when,
      instance: "/chaos/redis-reset",
      code,
      error: title,
      timestamp: "2026-11-23T08:15:00.000Z",
      request_id: "deploy-42",
      ...(RETRY_STATUSES.has(status) && { retry_after_ms: 3_200 }),
    },
  };
}

function pascalCase(code: string): string {
  return code
    .toLowerCase()
    .split("_")
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join("");
}
