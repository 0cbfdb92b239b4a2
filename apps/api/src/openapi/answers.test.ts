import type { InjectOptions } from "fastify";
import { PROBLEM_CODES, type LedgerEntry, type ProblemCode } from "@fleetquake/contract";
import type { Refusal } from "@fleetquake/coordinator";
import { describe, expect, it } from "vitest";
import { DocumentedAnswers } from "../testing/documented-answers.ts";
import { makeTestApp, type TestApp } from "../testing/make-test-app.ts";
import { entryOf, NO_TALLY, outcomeOf } from "../testing/scripted-fleet.ts";
import { buildDocument } from "./build-document.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { problemsOf } from "./problems-of.ts";

const documented = new DocumentedAnswers(buildDocument());

/** Asks, and holds the answer to the document. */
async function ask(
  { app }: Pick<TestApp, "app">,
  options: InjectOptions & { readonly url: string },
): Promise<number> {
  const answer = await app.inject(options);
  documented.hold({
    method: options.method ?? "GET",
    path: options.url,
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.body,
  });
  return answer.statusCode;
}

const BODIES: Readonly<Record<string, object>> = {
  "/chaos/load": { level: "low" },
  "/chaos/hang": { scope: "jobs", duration_seconds: 5 },
  "/chaos/redis-block": { duration_seconds: 5 },
  "/chaos/redis-token-expiry": { duration_seconds: 5 },
};

/** A request as an operation expects it. */
function requestOf(
  { method, path }: Pick<Operation, "method" | "path">,
  headers: Readonly<Record<string, string>> = {},
): InjectOptions & { readonly url: string } {
  const body = method === "post" ? BODIES[path] : undefined;
  return {
    method: method === "get" ? "GET" : method === "post" ? "POST" : "DELETE",
    url: path.replace("{id}", "worker-1"),
    headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  };
}

/** Each with a name for the tests. */
function named(operations: readonly Operation[]): readonly [string, Operation][] {
  return operations.map((operation) => [`${operation.method} ${operation.path}`, operation]);
}

const commands = OPERATIONS.filter(({ tag }) => tag === "faults" || tag === "halt");
const everything = OPERATIONS.filter(({ id }) => id !== "followEvents");

const partial: Partial<LedgerEntry> = {
  outcome: "partial",
  fleet: { ...NO_TALLY, expected: 2, acknowledged: 1, silent: 1 },
  replicas: [outcomeOf("worker-1"), outcomeOf("worker-2", { state: "silent" })],
};
const nobody: Partial<LedgerEntry> = { ...partial, outcome: "none" };
const refusedByAll: Partial<LedgerEntry> = {
  outcome: "none",
  fleet: { ...NO_TALLY, expected: 1, refused: 1 },
  replicas: [
    outcomeOf("worker-1", {
      state: "refused",
      error: { code: "NOT_ALLOWED", message: "The application does not allow it." },
    }),
  ],
};

/** What the coordinator can refuse with; the rest comes from elsewhere. */
const REFUSALS = [
  "CHAOS_NO_TARGETS",
  "UNKNOWN_REPLICA",
  "CHAOS_COLLECTING",
  "CHAOS_ALREADY_ACTIVE",
  "CHAOS_HALTED",
  "CHAOS_COOLING_DOWN",
  "CHAOS_ROSTER_WARMING",
  "CHAOS_BUS_UNAVAILABLE",
  "REDIS_NOT_INITIALIZED",
  "SHUTTING_DOWN",
] as const satisfies readonly ProblemCode[];

const halt = {
  commandId: "01HALT",
  epoch: 3,
  isHalted: true,
  caller: "anonymous (127.0.0.1)",
  reason: "drill",
  atInMs: 0,
};

function refusalOf(code: ProblemCode): Refusal {
  return {
    code,
    detail: "It is refused for the test's sake.",
    retryAfterInMs: 1_500,
    commandId: "01EARLIER",
    ...(code === "CHAOS_HALTED" && { halt }),
    ...(code === "UNKNOWN_REPLICA" && { errors: [{ path: "/target/replicas/0", detail: "x" }] }),
  };
}

describe.each(named(commands))("%s answers as the document says", (_name, operation) => {
  const request = requestOf(operation);

  it("with every outcome", async () => {
    const api = makeTestApp();
    const recovery = operation.method === "delete" ? { action: "recover" as const } : {};
    expect(await ask(api, request)).toBe(200);
    api.fleet.willClose({ ...recovery, ...partial });
    expect(await ask(api, request)).toBe(207);
    api.fleet.willClose({ ...recovery, ...refusedByAll });
    expect(await ask(api, request)).toBe(502);
    api.fleet.willClose({ ...recovery, ...nobody });
    expect(await ask(api, request)).toBe(504);
    expect(await ask(api, requestOf(operation, { prefer: "respond-async" }))).toBe(202);
  });

  it("with an Idempotency-Key that is new, used, and used for something else", async () => {
    const api = makeTestApp();
    const keyed = requestOf(operation, { "idempotency-key": "k-1" });
    api.fleet.entries = [entryOf({ command_id: api.fleet.newCommandId() })];
    expect(await ask(api, keyed)).toBe(200);
    expect(await ask(api, keyed)).toBe(200);
    api.fleet.entries = [];
    expect(await ask(api, requestOf(operation, { "idempotency-key": "" }))).toBe(400);
  });

  const codes = REFUSALS.filter((code) => problemsOf(operation).includes(code));
  it.each(codes)("when it is refused with %s", async (code) => {
    const api = makeTestApp();
    api.fleet.willRefuse(refusalOf(code));
    expect(await ask(api, request)).toBe(PROBLEM_CODES[code].status);
  });

  it("when the body is wrong, too large, no JSON, or of another type", async () => {
    const api = makeTestApp();
    const send = (payload: string, type = "application/json"): Promise<number> =>
      ask(api, { ...request, payload, headers: { "content-type": type } });
    expect(await send('{"misspelt":1}')).toBe(400);
    expect(await send('{"a":')).toBe(400);
    expect(await send(`{"reason":"${"x".repeat(70_000)}"}`)).toBe(413);
    expect(await send("a=1", "text/plain")).toBe(415);
    const foreign = { ...request.headers, origin: "https://evil.example" };
    expect(await ask(api, { ...request, headers: foreign })).toBe(403);
  });
});

describe.each(named(everything))("%s answers as the document says", (_name, operation) => {
  it("to a caller whom it must not serve, and to one who comes too late", async () => {
    const api = makeTestApp();
    const request = requestOf(operation);
    const asked = (headers: Readonly<Record<string, string>>): Promise<number> =>
      ask(api, { ...request, headers: { ...request.headers, ...headers } });
    expect(await asked({ host: "evil.example" })).toBe(403);
    expect(await asked({ "x-forwarded-for": "10.0.0.1" })).toBe(403);
    api.lifecycle.isEnding = true;
    expect(await asked({})).toBe(
      operation.path === "/livez" || operation.path === "/health" ? 200 : 503,
    );
  });
});

describe("reads answer as the document says", () => {
  it("when all is well, when something is not known, and when the query is wrong", async () => {
    const api = makeTestApp();
    api.fleet.entries = [entryOf(), entryOf({ command_id: "b", ...partial })];
    api.fleet.next = "b";
    for (const url of [
      "/",
      "/health",
      "/livez",
      "/readyz",
      "/chaos/status",
      "/chaos/status?scope=local",
      "/chaos/replicas",
      "/chaos/replicas/worker-1",
      "/chaos/commands",
      "/chaos/commands?limit=1",
      "/chaos/commands/01COMMAND",
      "/openapi.json",
      "/docs",
      "/metrics",
    ]) {
      expect([url, await ask(api, { url })]).toEqual([url, 200]);
    }
    for (const url of ["/chaos/replicas/nobody", "/chaos/commands/none"]) {
      expect(await ask(api, { url })).toBe(404);
    }
    for (const { path } of everything.filter(({ tag }) => tag === "fleet")) {
      expect(await ask(api, { url: `${path.replace("{id}", "worker-1")}?wrong=1` })).toBe(400);
    }
    expect(await ask(api, { url: "/chaos/events?wrong=1" })).toBe(400);
  });

  it("when Redis does not answer, the bus is away, or a route fails", async () => {
    const store = { run: () => Promise.reject(new Error("connect ECONNREFUSED")) };
    const api = makeTestApp({ store });
    api.fleet.ready = { busConnected: false, roster: "warming" };
    for (const url of ["/", "/health", "/readyz"]) {
      expect([url, await ask(api, { url })]).toEqual([url, 503]);
    }
    api.fleet.status = () => {
      throw new Error("nobody foresaw this");
    };
    expect(await ask(api, { url: "/chaos/status" })).toBe(500);
  });
});

describe("POST /chaos/redis-reset answers as the document says", () => {
  const post = { method: "POST", url: "/chaos/redis-reset" } as const;
  const json = { "content-type": "application/json" };

  it("to a dry run, a required outcome, and one that is verified", async () => {
    const api = makeTestApp();
    const send = (body: object): Promise<number> =>
      ask(api, { ...post, headers: json, payload: JSON.stringify(body) });
    expect(await send({ dry_run: true })).toBe(200);
    api.fleet.dryRunResult = {
      ...api.fleet.dryRunResult,
      would_be_refused: { code: "CHAOS_HALTED", retry_after_ms: null },
    };
    expect(await send({ dry_run: true })).toBe(200);
    expect(await send({ verify: true })).toBe(200);
    api.fleet.willClose(partial);
    expect(await send({ require: "complete" })).toBe(504);
    expect(await ask(api, { ...post, headers: json, payload: "null" })).toBe(207);
  });
});

describe("DELETE /chaos/commands/{id} answers as the document says", () => {
  const cancel = { method: "DELETE", url: "/chaos/commands/01LOAD" } as const;

  it("with every outcome, and when nothing of the command runs or it is not known", async () => {
    const api = makeTestApp();
    expect(await ask(api, cancel)).toBe(404);
    api.fleet.entries = [entryOf({ command_id: "01LOAD", fault: "load" })];
    expect(await ask(api, cancel)).toBe(409);
    api.fleet.conflicting = { ...refusalOf("CHAOS_ALREADY_ACTIVE"), commandId: "01LOAD" };
    const recovery = { action: "recover" as const };
    expect(await ask(api, cancel)).toBe(200);
    api.fleet.willClose({ ...recovery, ...partial });
    expect(await ask(api, cancel)).toBe(207);
    api.fleet.willClose({ ...recovery, ...refusedByAll });
    expect(await ask(api, cancel)).toBe(502);
    api.fleet.willClose({ ...recovery, ...nobody });
    expect(await ask(api, cancel)).toBe(504);
    expect(await ask(api, { ...cancel, headers: { prefer: "respond-async" } })).toBe(202);
  });
});

describe("the document", () => {
  it("describes no answer to a command or a read that was not seen here", () => {
    const own = OPERATIONS.flatMap(({ method, path, answers }) =>
      Object.keys(answers).map((status) => `${method} ${path} ${status}`),
    );
    const unseen = own.filter((answer) => !documented.seen.has(answer));
    expect(unseen).toEqual(["get /chaos/events 200"]);
  });
});
