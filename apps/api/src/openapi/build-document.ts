import { readFileSync } from "node:fs";
import { PROBLEM_CODES, type ProblemCode } from "@fleetquake/contract";
import { SchemaCollection } from "./collect-schemas.ts";
import { COMMON_PARAMETERS } from "./common-parameters.ts";
import { problemResponse, problemResponseName, problemsByStatus } from "./describe-problems.ts";
import type {
  HeaderObject,
  MediaTypeObject,
  OpenApiDocument,
  OperationObject,
  ReferenceObject,
  ResponseObject,
} from "./open-api-document.ts";
import type { Operation, OperationAnswer } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { problemsOf } from "./problems-of.ts";
import { RESPONSE_HEADERS } from "./response-headers.ts";
import { TAGS } from "./tags.ts";

/** Parts that several operations share. */
interface Shared {
  readonly schemas: SchemaCollection;
  readonly responses: Map<string, ResponseObject>;
}

/** Every caller may come without a credential where none is configured. */
const SECURITY = [{}, { bearer: [] }, { apiKey: [] }] as const;

/** Builds the API's description from the schemas that the code is compiled with; it is the same for every process. */
export function buildDocument(): OpenApiDocument {
  const shared: Shared = { schemas: new SchemaCollection(), responses: new Map() };
  const paths = buildPaths(shared);
  return {
    openapi: "3.1.0",
    info: {
      title: "Fleetquake",
      version: readVersion(),
      summary: "Breaks a fleet's Redis connections on purpose and proves what happened.",
      description: describeApi(),
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: SECURITY,
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: shared.schemas.components,
      parameters: COMMON_PARAMETERS,
      headers: RESPONSE_HEADERS satisfies Record<string, HeaderObject>,
      responses: Object.fromEntries(shared.responses),
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "A token of Microsoft Entra ID, where that is configured.",
        },
        apiKey: {
          type: "apiKey",
          in: "header",
          name: "X-API-Key",
          description: "A key, where keys are configured.",
        },
      },
    },
  };
}

function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version }: { readonly version: string } = JSON.parse(text);
  return version;
}

function describeApi(): string {
  const rows = Object.entries(PROBLEM_CODES).map(
    ([code, { status, when }]) => `| ${code} | ${status} | ${when} |`,
  );
  return [
    "Bodies are JSON of at most 64 KiB. Input is strict: whatever is unknown, misspelt or of a wrong type is refused by name.",
    "Timestamps are ISO 8601 in UTC. Every error is `application/problem+json` with one of these codes:",
    ["| code | status | when |", "|---|---|---|", ...rows].join("\n"),
    "HEAD answers wherever GET does, OPTIONS everywhere with `Allow`.",
  ].join("\n\n");
}

function buildPaths(shared: Shared): OpenApiDocument["paths"] {
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: buildOperation(operation, shared),
    };
  }
  return paths;
}

function buildOperation(operation: Operation, shared: Shared): OperationObject {
  const { id, summary, description, tag, parameters = [], body } = operation;
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    ...(tag === "probes" && { security: [] }),
    parameters: ["RequestId", ...parameters].map((parameter) =>
      typeof parameter === "string" ? referTo("parameters", parameter) : parameter,
    ),
    ...(body !== undefined && {
      requestBody: {
        required: body.isRequired,
        content: {
          "application/json": {
            schema: shared.schemas.refer(body.schema),
            examples: body.examples,
          },
        },
      },
    }),
    responses: buildResponses(operation, shared),
  };
}

function buildResponses(
  operation: Operation,
  { schemas, responses }: Shared,
): OperationObject["responses"] {
  const answers = Object.entries(operation.answers).map(
    ([status, answer]): [string, ResponseObject] => [status, answerResponse(answer, schemas)],
  );
  const problems = [...problemsByStatus(problemsOf(operation))].map(
    ([status, codes]): [string, ReferenceObject] => [
      status,
      shareProblem(codes, { schemas, responses }),
    ],
  );
  return Object.fromEntries([...answers, ...problems]);
}

function shareProblem(
  codes: readonly ProblemCode[],
  { schemas, responses }: Shared,
): ReferenceObject {
  const name = problemResponseName(codes);
  if (!responses.has(name)) {
    responses.set(name, problemResponse(codes, schemas));
  }
  return referTo("responses", name);
}

function answerResponse(answer: OperationAnswer, schemas: SchemaCollection): ResponseObject {
  const { description, schema, contentType = "application/json", headers = [] } = answer;
  const names = ["X-Request-ID", ...headers];
  return {
    description,
    headers: Object.fromEntries(names.map((name) => [name, referTo("headers", name)])),
    ...(schema !== undefined && {
      content: { [contentType]: mediaType(answer, schemas.refer(schema), schemas) },
    }),
  };
}

function mediaType(
  { examples, eventData }: OperationAnswer,
  schema: MediaTypeObject["schema"],
  schemas: SchemaCollection,
): MediaTypeObject {
  return {
    schema,
    ...(examples !== undefined && { examples }),
    ...(eventData !== undefined && { "x-event-data": schemas.refer(eventData) }),
  };
}

function referTo(kind: "parameters" | "headers" | "responses", name: string): ReferenceObject {
  return { $ref: `#/components/${kind}/${name}` };
}
