import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import { makeTestApp, type TestApp } from "../testing/make-test-app.ts";
import { readProblem } from "../testing/read-problem.ts";
import { entryOf, NO_TALLY, outcomeOf } from "../testing/scripted-fleet.ts";

function ask(
  { app }: TestApp,
  line: `${"POST" | "DELETE"} ${string}`,
  body?: object,
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> {
  const [, method = "", url = ""] = /^(\w+) (.*)$/.exec(line) ?? [];
  return app.inject({
    method: method === "POST" ? "POST" : "DELETE",
    url,
    headers,
    ...(body === undefined ? {} : { payload: body }),
  });
}

describe("POST /chaos/load", () => {
  it("starts a low load for a minute by default, and says what each replica gives", async () => {
    const test = makeTestApp();
    const load = { cpu_cores: 0.3, memory_mb: 100, limited_by: null };
    test.fleet.willClose({ fault: "load", replicas: [outcomeOf("worker-1", { load })] });
    const answer = await ask(test, "POST /chaos/load", {});
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      status: "load_started",
      level: "low",
      duration_seconds: 60,
      outcome: "complete",
      replicas: [{ replica_id: "worker-1", load }],
    });
    expect(answer.json().replicas[0]).not.toHaveProperty("connections_closed");
    expect(test.fleet.injected[0]?.order).toEqual({
      fault: "load",
      action: "inject",
      parameters: { level: "low", duration_seconds: 60, jobs_per_second: 0 },
    });
  });

  it.each([
    [{ level: "max" }, "Invalid load level. Must be 'low', 'medium', or 'high'"],
    [{ duration_seconds: 0 }, "Duration must be between 1 and 3600 seconds"],
    [{ duration_seconds: 3_601 }, "Duration must be between 1 and 3600 seconds"],
    [{ level: "low", duration_seconds: 1.5 }, "Duration must be between 1 and 3600 seconds"],
  ])("refuses %j with the original text", async (body, text) => {
    const test = makeTestApp();
    const answer = await ask(test, "POST /chaos/load", body);
    expect(readProblem(answer, "VALIDATION_FAILED").detail).toBe(text);
  });

  it("needs a body, and knows every member of it", async () => {
    const test = makeTestApp();
    readProblem(await ask(test, "POST /chaos/load"), "VALIDATION_FAILED");
    const wrong = readProblem(
      await ask(test, "POST /chaos/load", { duration: 5, jobs_per_second: 10_001 }),
      "VALIDATION_FAILED",
    );
    expect(wrong.errors?.map(({ path }) => path).toSorted()).toEqual([
      "/duration",
      "/jobs_per_second",
    ]);
  });

  it("says that one is active before it says what is wrong", async () => {
    const test = makeTestApp();
    test.fleet.conflicting = {
      code: "CHAOS_ALREADY_ACTIVE",
      detail: "Load simulation already active",
      retryAfterInMs: 30_000,
      commandId: "01COMMAND",
    };
    const answer = await ask(test, "POST /chaos/load", { level: "max" });
    const problem = readProblem(answer, "CHAOS_ALREADY_ACTIVE");
    expect(problem.detail).toBe("Load simulation already active");
    expect(problem["command_id"]).toBe("01COMMAND");
  });

  it("is 207 with its own word when somebody refused", async () => {
    const test = makeTestApp();
    test.fleet.willClose({
      fault: "load",
      outcome: "partial",
      fleet: { ...NO_TALLY, expected: 2, acknowledged: 1, refused: 1 },
    });
    const answer = await ask(test, "POST /chaos/load", { level: "high" });
    expect([answer.statusCode, answer.json().status]).toEqual([207, "load_partially_started"]);
  });
});

describe("the DELETE of a fault", () => {
  it.each([
    ["/chaos/load", "load_stopped"],
    ["/chaos/hang", "hang_released"],
    ["/chaos/redis-block", "redis_block_stopped"],
    ["/chaos/redis-token-expiry", "redis_token_expiry_stopped"],
  ])("%s answers %s when everybody has confirmed", async (url, status) => {
    const test = makeTestApp();
    test.fleet.willClose({ action: "recover" });
    const answer = await ask(test, `DELETE ${url}`);
    expect([answer.statusCode, answer.json().status]).toEqual([200, status]);
    expect(answer.json().unconfirmed).toEqual([]);
  });

  it("is 200 when nobody is there who could be under it", async () => {
    const test = makeTestApp();
    test.fleet.willClose({ action: "recover", outcome: "none", fleet: NO_TALLY, replicas: [] });
    expect((await ask(test, "DELETE /chaos/load")).statusCode).toBe(200);
  });

  it("names who may still be under the fault", async () => {
    const test = makeTestApp();
    test.fleet.willClose({
      action: "recover",
      outcome: "partial",
      fleet: { ...NO_TALLY, expected: 2, acknowledged: 1, silent: 1 },
      replicas: [outcomeOf("worker-1"), outcomeOf("worker-2", { state: "silent" })],
    });
    const answer = await ask(test, "DELETE /chaos/load");
    expect([answer.statusCode, answer.json().unconfirmed]).toEqual([207, ["worker-2"]]);
  });

  it("takes no body, and null and {} for none", async () => {
    const test = makeTestApp();
    readProblem(await ask(test, "DELETE /chaos/load", { level: "low" }), "VALIDATION_FAILED");
    expect((await ask(test, "DELETE /chaos/load", {})).statusCode).toBe(200);
  });
});

describe("POST /chaos/redis-block", () => {
  it("says that it is in the process, and needs a duration", async () => {
    const test = makeTestApp();
    const answer = await ask(test, "POST /chaos/redis-block", { duration_seconds: 5 });
    expect(answer.json()).toMatchObject({
      status: "redis_block_started",
      mode: "refuse",
      duration_seconds: 5,
      scope: "in-process",
    });
    const missing = await ask(test, "POST /chaos/redis-block", { mode: "drop" });
    expect(readProblem(missing, "VALIDATION_FAILED").errors?.length).toBe(1);
  });
});

describe("POST /chaos/redis-token-expiry", () => {
  it("needs a duration, and takes nothing that it does not know", async () => {
    const test = makeTestApp();
    const answer = await ask(test, "POST /chaos/redis-token-expiry", { duration_seconds: 5 });
    expect(answer.json()).toMatchObject({
      status: "redis_token_expiry_started",
      duration_seconds: 5,
    });
    for (const body of [{}, { duration_seconds: 0 }, { duration_seconds: 5, mode: "drop" }]) {
      const refused = await ask(test, "POST /chaos/redis-token-expiry", body);
      expect(readProblem(refused, "VALIDATION_FAILED").errors?.length).toBe(1);
    }
  });
});

describe("POST /chaos/hang with a scope of replicas", () => {
  it.each([
    [{ scope: "jobs" }, "/duration_seconds"],
    [{ scope: "jobs", duration_seconds: 0 }, "/duration_seconds"],
    [{ scope: "process", duration_seconds: 301 }, "/duration_seconds"],
    [{ scope: "process", duration_seconds: 5, target: { role: "api" } }, "/target/role"],
    [{ duration_seconds: -1 }, "/duration_seconds"],
    [{ duration_seconds: 1, target: { role: "worker" } }, "/target"],
    [{ scope: "fleet", duration_seconds: 1 }, "/scope"],
  ])("refuses %j", async (body, path) => {
    const test = makeTestApp();
    const problem = readProblem(await ask(test, "POST /chaos/hang", body), "VALIDATION_FAILED");
    expect(problem.errors?.map((error) => error.path)).toContain(path);
    expect(test.fleet.injected).toEqual([]);
  });

  it("of the process refuses an API that is named by its id", async () => {
    const test = makeTestApp();
    test.fleet.roster = test.fleet.roster.map((row) =>
      row.replica_id === "api-1" ? { ...row, role: "api" } : row,
    );
    const target = { replicas: ["worker-1", "api-1"] };
    const body = { scope: "process", duration_seconds: 5, target };
    const problem = readProblem(await ask(test, "POST /chaos/hang", body), "VALIDATION_FAILED");
    expect(problem.errors?.map((error) => error.path)).toEqual(["/target/replicas/1"]);
    expect(problem.detail).toContain("api-1");
    expect(test.fleet.injected).toEqual([]);
    const jobs = await ask(test, "POST /chaos/hang", { ...body, scope: "jobs" });
    expect(jobs.statusCode).toBe(200);
  });

  it("answers at once when it has begun", async () => {
    const test = makeTestApp();
    const body = { scope: "process", duration_seconds: 300 };
    const answer = await ask(test, "POST /chaos/hang", body);
    expect([answer.statusCode, answer.json().status]).toEqual([200, "hang_started"]);
  });
});

describe("POST and DELETE /chaos/halt", () => {
  it("halts with or without a reason, and names the caller", async () => {
    const test = makeTestApp();
    test.fleet.willClose({ fault: "halt" });
    const answer = await ask(test, "POST /chaos/halt", { reason: "real incident" });
    expect(answer.json()).toMatchObject({ status: "halted", halted: true, unconfirmed: [] });
    await ask(test, "POST /chaos/halt");
    expect(test.fleet.halts).toMatchObject([
      { caller: "anonymous (127.0.0.1)", reason: "real incident" },
      { reason: null },
    ]);
    test.fleet.willClose({ fault: "halt", action: "recover" });
    const released = await ask(test, "DELETE /chaos/halt");
    expect(released.json()).toMatchObject({ status: "halt_released", halted: false });
  });

  it("shows who halted, when and why to whoever is refused by it", async () => {
    const test = makeTestApp();
    test.fleet.willRefuse({
      code: "CHAOS_HALTED",
      detail: "The fleet was halted.",
      halt: {
        commandId: "01HALT",
        epoch: 1,
        isHalted: true,
        caller: "ada",
        reason: "enough",
        atInMs: Date.UTC(2026, 0, 1),
      },
    });
    const problem = readProblem(await ask(test, "POST /chaos/load", {}), "CHAOS_HALTED");
    expect(problem["halt"]).toEqual({
      command_id: "01HALT",
      halted_by: "ada",
      halted_at: "2026-01-01T00:00:00.000Z",
      reason: "enough",
    });
  });
});

describe("DELETE /chaos/commands/{id}", () => {
  it("ends what still runs of it", async () => {
    const test = makeTestApp();
    test.fleet.entries = [entryOf({ command_id: "01LOAD", fault: "load" })];
    test.fleet.conflicting = {
      code: "CHAOS_ALREADY_ACTIVE",
      detail: "Load simulation already active",
      commandId: "01LOAD",
    };
    test.fleet.willClose({ fault: "load", action: "recover" });
    const answer = await ask(test, "DELETE /chaos/commands/01LOAD");
    expect(answer.json()).toMatchObject({
      status: "command_cancelled",
      cancelled_command_id: "01LOAD",
      fault: "load",
    });
    expect(test.fleet.recovered[0]?.order.fault).toBe("load");
  });

  it("is 409 for a reset that is done, and 404 for one that nobody knows", async () => {
    const test = makeTestApp();
    test.fleet.entries = [entryOf()];
    readProblem(await ask(test, "DELETE /chaos/commands/01COMMAND"), "COMMAND_NOT_RUNNING");
    readProblem(await ask(test, "DELETE /chaos/commands/01OTHER"), "UNKNOWN_COMMAND");
    expect(test.fleet.recovered).toEqual([]);
  });
});

describe("Idempotency-Key", () => {
  const keyed = { "idempotency-key": "k-1" };

  it("shows the first outcome again, and injects nothing", async () => {
    const test = makeTestApp();
    const first = await ask(test, "POST /chaos/load", { level: "low" }, keyed);
    test.fleet.entries = [];
    const second = await ask(test, "POST /chaos/load", { level: "low" }, keyed);
    expect(first.json().replayed).toBeUndefined();
    expect(second.statusCode).toBe(200);
    expect(second.json()).toMatchObject({
      status: "load_started",
      replayed: true,
      outcome: "complete",
      fleet: { expected: 2, acknowledged: 2 },
    });
    expect(test.fleet.injected).toHaveLength(1);
  });

  it("is for one caller, route and body", async () => {
    const test = makeTestApp();
    await ask(test, "POST /chaos/load", { level: "low", duration_seconds: 5 }, keyed);
    const other = { duration_seconds: 5, level: "low" };
    expect((await ask(test, "POST /chaos/load", other, keyed)).json().replayed).toBe(true);
    const changed = await ask(test, "POST /chaos/load", { level: "high" }, keyed);
    readProblem(changed, "IDEMPOTENCY_KEY_REUSED");
    const elsewhere = await ask(test, "POST /chaos/halt", {}, keyed);
    expect(elsewhere.json().replayed).toBeUndefined();
  });

  it("does not keep a refusal", async () => {
    const test = makeTestApp();
    const accepted = test.fleet.result;
    test.fleet.willRefuse({ code: "CHAOS_ROSTER_WARMING", detail: "warming" });
    await ask(test, "POST /chaos/load", {}, keyed);
    test.fleet.result = accepted;
    const answer = await ask(test, "POST /chaos/load", {}, keyed);
    expect([answer.statusCode, answer.json().replayed]).toEqual([200, undefined]);
  });

  it("keeps a failure that was the outcome", async () => {
    const test = makeTestApp();
    test.fleet.willClose({
      outcome: "none",
      fleet: { ...NO_TALLY, expected: 1, silent: 1 },
    });
    readProblem(await ask(test, "POST /chaos/load", {}, keyed), "CHAOS_NO_ANSWER");
    const again = readProblem(await ask(test, "POST /chaos/load", {}, keyed), "CHAOS_NO_ANSWER");
    expect(again["replayed"]).toBe(true);
    expect(test.fleet.injected).toHaveLength(1);
  });

  it("is 409 while the first request runs", async () => {
    const test = makeTestApp();
    test.fleet.result = {
      kind: "accepted",
      commandId: "01COMMAND",
      closed: new Promise(() => undefined),
    };
    void ask(test, "POST /chaos/load", {}, keyed);
    await expect.poll(() => test.fleet.injected.length).toBe(1);
    readProblem(await ask(test, "POST /chaos/load", {}, keyed), "IDEMPOTENCY_KEY_IN_USE");
  });

  it.each([" ", "", "k".repeat(257), "schlüssel"])("refuses %j", async (key) => {
    const test = makeTestApp();
    const answer = await ask(test, "POST /chaos/load", {}, { "idempotency-key": key });
    readProblem(answer, "VALIDATION_FAILED");
    expect(test.fleet.injected).toEqual([]);
  });
});
