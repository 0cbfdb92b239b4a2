import { describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { makeTestApp, type TestApp } from "../testing/make-test-app.ts";
import { readProblem } from "../testing/read-problem.ts";

function reset(
  { app }: TestApp,
  body?: string | object | null,
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> {
  const payload = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
  return app.inject({
    method: "POST",
    url: "/chaos/redis-reset",
    headers: {
      ...(payload === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload }),
  });
}

const someTrace = {
  traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
  spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
};

describe("what a request asks the coordinator for", () => {
  it.each([
    ["no body", undefined],
    ["an empty body with a JSON content type", ""],
    ["{}", {}],
    ["null", null],
  ])("%s means force for the whole fleet", async (_name, body) => {
    const test = makeTestApp();
    expect((await reset(test, body)).statusCode).toBe(200);
    expect(test.fleet.injected).toEqual([
      {
        order: {
          fault: "redis-reset",
          action: "inject",
          parameters: { force: true, drain_timeout_ms: 5_000 },
        },
        commandId: expect.stringMatching(/^[0-9A-Z]{26}$/),
        caller: "anonymous (127.0.0.1)",
        reason: null,
        trace: someTrace,
      },
    ]);
  });

  it("takes an empty body of any type for none", async () => {
    const test = makeTestApp();
    expect((await reset(test, "", { "content-type": "text/plain" })).statusCode).toBe(200);
  });

  it("hands on every member", async () => {
    const test = makeTestApp();
    const target = { replicas: ["a", "b"], role: "worker", labels: { zone: "1" }, percent: 50 };
    await reset(test, {
      force: false,
      drain_timeout_ms: 2_000,
      deadline_ms: 3_000,
      target,
      block_seconds: 60,
      reason: "game day",
    });
    expect(test.fleet.injected).toEqual([
      {
        order: {
          fault: "redis-reset",
          action: "inject",
          parameters: { force: false, drain_timeout_ms: 2_000, block_seconds: 60 },
        },
        commandId: expect.stringMatching(/^[0-9A-Z]{26}$/),
        deadlineInMs: 3_000,
        target,
        caller: "anonymous (127.0.0.1)",
        reason: "game day",
        trace: someTrace,
      },
    ]);
  });

  it("goes on with the operation that the caller's traceparent names, as a step of its own", async () => {
    const test = makeTestApp();
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    await reset(test, {}, { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    const [injected] = test.fleet.injected;
    expect(injected?.trace).toEqual({ traceId, spanId: someTrace.spanId });
    expect(injected?.trace?.spanId).not.toBe("b7ad6b7169203331");
  });

  it("begins an operation of its own where the traceparent is none", async () => {
    const test = makeTestApp();
    await reset(test, {}, { traceparent: "00-hunter2-b7ad6b7169203331-01" });
    expect(test.fleet.injected).toMatchObject([{ trace: someTrace }]);
  });
});

describe("what a request is refused for", () => {
  it.each([
    [{ forced: true }, "/forced", 'did you mean "force"?'],
    [{ Force: true }, "/Force", 'did you mean "force"?'],
    [{ force: 1 }, "/force", "must be true or false, not the number 1"],
    [{ force: null }, "/force", "must be true or false, not null"],
    [{ force: "false" }, "/force", 'must be true or false, not the string "false"'],
    [{ force: false, drain_timeout_ms: 0 }, "/drain_timeout_ms", "a whole number from 1 to 60000"],
    [{ force: false, drain_timeout_ms: 60_001 }, "/drain_timeout_ms", "from 1 to 60000"],
    [{ force: false, drain_timeout_ms: 1.5 }, "/drain_timeout_ms", "a whole number"],
    [{ drain_timeout_ms: 2_000 }, "/drain_timeout_ms", "without force: false"],
    [{ deadline_ms: 99 }, "/deadline_ms", "from 100 to 90000"],
    [{ deadline_ms: 90_001 }, "/deadline_ms", "from 100 to 90000"],
    [{ force: false, deadline_ms: 5_999 }, "/deadline_ms", "+ 1000 = 6000"],
    [{ force: false, drain_timeout_ms: 60_000, deadline_ms: 60_999 }, "/deadline_ms", "61000"],
    [{ target: null }, "/target", "an object with at least one of replicas"],
    [{ target: {} }, "/target", "not an empty object"],
    [{ target: [] }, "/target", "not an empty array"],
    [{ target: { replicas: [] } }, "/target/replicas", "an array of 1 to 256"],
    [{ target: { replicas: ["a", "a"] } }, "/target/replicas", "names an entry twice"],
    [{ target: { replicas: ["a", 3] } }, "/target/replicas/1", "a string of 1 to 256 characters"],
    [{ target: { replicas: "a" } }, "/target/replicas", "an array"],
    [{ target: { labels: {} } }, "/target/labels", "at least one name"],
    [{ target: { labels: { a: 1 } } }, "/target/labels/a", "a string"],
    [{ target: { labels: { ["a".repeat(64)]: "1" } } }, `/target/labels/${"a".repeat(64)}`, "63"],
    [{ target: { labels: { "a\nb": 5 } } }, "/target/labels/a\nb", "a string"],
    [{ target: { percent: 0 } }, "/target/percent", "from 1 to 100"],
    [{ target: { percent: 101 } }, "/target/percent", "from 1 to 100"],
    [{ target: { count: 0 } }, "/target/count", "of at least 1"],
    [{ target: { percent: 50, count: 1 } }, "/target/count", "excludes percent"],
    [{ target: { rol: "a" } }, "/target/rol", 'did you mean "role"?'],
    [{ require: "all" }, "/require", 'one of "any", "complete"'],
    [{ dry_run: "yes" }, "/dry_run", "true or false"],
    [{ reason: "x".repeat(501) }, "/reason", "at most 500 characters"],
    [{ "a/b~c": 1 }, "/a~1b~0c", "is not a member here"],
  ])("400 for %j naming %s", async (body, path, hint) => {
    const test = makeTestApp();
    const problem = readProblem(await reset(test, body), "VALIDATION_FAILED");
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
    expect(problem.errors?.[0]?.detail).toContain(hint);
    expect(problem.detail).toContain(path);
    expect(test.fleet.injected).toEqual([]);
  });

  it.each([["[]"], ['"reset"'], ["1"], ["true"]])("400 for the body %s", async (body) => {
    const test = makeTestApp();
    const problem = readProblem(await reset(test, body), "VALIDATION_FAILED");
    expect(problem.detail).toContain("must be an object with force");
  });

  it("names several wrong members at once, and bounds the answer", async () => {
    const test = makeTestApp();
    const two = readProblem(await reset(test, { force: 1, reason: 2 }), "VALIDATION_FAILED");
    expect(two.errors).toHaveLength(2);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_unused, n) => [`m${n}`, n]));
    expect(readProblem(await reset(test, many), "VALIDATION_FAILED").errors).toHaveLength(8);
  });

  it("says inconclusive, and why, where the server cannot be asked for its clients", async () => {
    const test = makeTestApp();
    const answer = await reset(test, { verify: true });
    expect(answer.json().verification).toEqual({
      claimed: 30,
      confirmed: 0,
      unexplained: 30,
      verdict: "inconclusive",
      why: "Redis is disabled in this API",
    });
    expect((await reset(test, {})).json()).not.toHaveProperty("verification");
  });

  it("400 for a query: ?force=false would drain nothing", async () => {
    const { app, fleet } = makeTestApp();
    const url = "/chaos/redis-reset?force=false";
    const problem = readProblem(await app.inject({ method: "POST", url }), "VALIDATION_FAILED");
    expect(problem.errors?.[0]?.path).toBe("force");
    expect(fleet.injected).toEqual([]);
  });

  it("409 before 400 while another reset is collecting", async () => {
    const test = makeTestApp();
    test.fleet.conflicting = {
      code: "CHAOS_COLLECTING",
      detail: "Command 01COMMAND is still collecting answers.",
      commandId: "01COMMAND",
    };
    const problem = readProblem(await reset(test, { force: 1 }), "CHAOS_COLLECTING");
    expect(problem["command_id"]).toBe("01COMMAND");
    expect(readProblem(await reset(test, "{"), "MALFORMED_JSON").code).toBe("MALFORMED_JSON");
    expect(
      readProblem(await reset(test, { dry_run: true, force: 1 }), "VALIDATION_FAILED").code,
    ).toBe("VALIDATION_FAILED");
  });

  it.each([
    ["CHAOS_COLLECTING", 2_100, "3"],
    ["CHAOS_COOLING_DOWN", 4_000, "4"],
    ["CHAOS_ROSTER_WARMING", 1, "1"],
    ["CHAOS_BUS_UNAVAILABLE", 1_000, "1"],
    ["REDIS_NOT_INITIALIZED", undefined, "1"],
    ["SHUTTING_DOWN", undefined, "1"],
  ] as const)("hands on the refusal %s with Retry-After", async (code, retryAfterInMs, header) => {
    const test = makeTestApp();
    test.fleet.willRefuse({
      code,
      detail: "Redis client not initialized",
      ...(retryAfterInMs === undefined ? {} : { retryAfterInMs }),
    });
    const answer = await reset(test);
    const problem = readProblem(answer, code);
    expect(problem.detail).toBe("Redis client not initialized");
    expect(answer.headers["retry-after"]).toBe(header);
  });

  it("names the command that is in the way, and the replica that is unknown", async () => {
    const test = makeTestApp();
    const detail = "Command 01X was accepted";
    test.fleet.willRefuse({
      code: "CHAOS_COOLING_DOWN",
      detail,
      commandId: "01X",
      retryAfterInMs: 9,
    });
    expect(readProblem(await reset(test), "CHAOS_COOLING_DOWN")["command_id"]).toBe("01X");
    const errors = [{ path: "/target/replicas/0", detail: "is not on the roster" }];
    test.fleet.willRefuse({ code: "UNKNOWN_REPLICA", detail, errors });
    expect(readProblem(await reset(test), "UNKNOWN_REPLICA").errors).toEqual(errors);
    test.fleet.willRefuse({ code: "CHAOS_NO_TARGETS", detail });
    expect(readProblem(await reset(test), "CHAOS_NO_TARGETS").code).toBe("CHAOS_NO_TARGETS");
  });
});
