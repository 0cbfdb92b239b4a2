import type { CommandAnswer, FleetStatus, Problem, ProblemCode } from "@fleetquake/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectProblem } from "../support/expect-problem.ts";
import type { JsonAnswer, RequestJsonOptions } from "../support/request-json.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

const RESET = "/chaos/redis-reset";
const LOAD = "/chaos/load";
const HANG = "/chaos/hang";
const BLOCK = "/chaos/redis-block";
const HALT = "/chaos/halt";
const JSON_TYPE = { "content-type": "application/json" };
const TEXT_TYPE = { "content-type": "text/plain" };

/** One fleet for all: one API, one worker. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({ replicas: 1, env: { FLEETQUAKE_RESET_COOLDOWN_MS: "60000" } });
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

function post(
  path: string,
  body?: string | object,
  options: RequestJsonOptions = {},
): Promise<JsonAnswer<Problem>> {
  return fleet.post<Problem>(path, body, options);
}

function json(path: string, text: string): Promise<JsonAnswer<Problem>> {
  return post(path, text, { headers: JSON_TYPE });
}

describe("every refusal comes in the one envelope", () => {
  it.each<[string, string, RequestJsonOptions, ProblemCode]>([
    ["an unknown path", "/chaos", {}, "NOT_FOUND"],
    ["another method", RESET, {}, "METHOD_NOT_ALLOWED"],
    ["another method of the sample", "/", { method: "POST" }, "METHOD_NOT_ALLOWED"],
    ["an unknown replica", "/chaos/replicas/ghost", {}, "UNKNOWN_REPLICA"],
    ["an unknown command", "/chaos/commands/ghost", {}, "UNKNOWN_COMMAND"],
    ["an unknown query", "/chaos/status?scop=local", {}, "VALIDATION_FAILED"],
    ["a query of a write", `${RESET}?force=false`, { method: "POST" }, "VALIDATION_FAILED"],
    [
      "JSON that is none",
      RESET,
      { method: "POST", body: "{", headers: JSON_TYPE },
      "MALFORMED_JSON",
    ],
    [
      "a body that is no JSON",
      RESET,
      { method: "POST", body: "{}", headers: TEXT_TYPE },
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    ["a body without a type", RESET, { method: "POST", body: "{}" }, "UNSUPPORTED_MEDIA_TYPE"],
    [
      "a body above 64 KiB",
      RESET,
      { method: "POST", body: { reason: "x".repeat(65_536) } },
      "PAYLOAD_TOO_LARGE",
    ],
    ["a foreign host", "/livez", { headers: { host: "evil.example" } }, "HOST_NOT_ALLOWED"],
    [
      "a foreign page",
      RESET,
      { method: "POST", headers: { origin: "https://evil.example" } },
      "ORIGIN_NOT_ALLOWED",
    ],
    [
      "a page without origin",
      RESET,
      { method: "POST", headers: { origin: "null" } },
      "ORIGIN_NOT_ALLOWED",
    ],
    [
      "a cross-site form",
      RESET,
      { method: "POST", headers: { "sec-fetch-site": "cross-site" } },
      "ORIGIN_NOT_ALLOWED",
    ],
    ["a proxy", "/chaos/status", { headers: { forwarded: "for=x" } }, "FORWARDED_NOT_ALLOWED"],
    [
      "a proxy of the older kind",
      "/chaos/status",
      { headers: { "x-forwarded-for": "203.0.113.7" } },
      "FORWARDED_NOT_ALLOWED",
    ],
  ])("%s", async (_what, path, options, code) => {
    const answer = await fleet.get<Problem>(path, options);
    expect(expectProblem(answer, code, path.split("?", 1)[0] ?? path).code).toBe(code);
  });

  it("with the X-Request-ID that came, if it is one", async () => {
    const asked = { headers: { "x-request-id": "Trace-1.a_b" } };
    const kept = await fleet.get<Problem>("/chaos/replicas/ghost", asked);
    expect(kept.body.request_id).toBe("Trace-1.a_b");
    const replaced = await fleet.get<Problem>("/chaos/replicas/ghost", {
      headers: { "x-request-id": "two words" },
    });
    expect(replaced.body.request_id).not.toBe("two words");
    const success = await fleet.get("/livez", asked);
    expect(success.headers["x-request-id"]).toBe("Trace-1.a_b");
  });
});

describe("input", () => {
  it.each([RESET, LOAD, HANG, BLOCK, HALT])(
    "of POST %s is strict: no unknown member, no repeated key, no other type",
    async (path) => {
      const unknown = await json(path, '{"forced":true}');
      const { errors } = expectProblem(unknown, "VALIDATION_FAILED", path);
      expect(errors?.map((error) => error.path)).toContain("/forced");
      expectProblem(await json(path, '{"reason":"a","reason":"b"}'), "MALFORMED_JSON", path);
      for (const body of ["[]", '"x"', "1", "true"]) {
        expectProblem(await json(path, body), "VALIDATION_FAILED", path);
      }
      const proto = await json(path, '{"__proto__":{"force":true}}');
      expect(proto.status).toBe(400);
    },
  );

  it.each([LOAD, HANG, BLOCK])("of POST %s needs a body", async (path) => {
    for (const answer of [await post(path), await json(path, ""), await json(path, "null")]) {
      const { detail } = expectProblem(answer, "VALIDATION_FAILED", path);
      expect(detail).toContain("body");
    }
  });

  it.each([LOAD, HANG, BLOCK, HALT])(
    "of DELETE %s may be empty whatever its type says, and is none then",
    async (path) => {
      for (const headers of [{}, JSON_TYPE, TEXT_TYPE]) {
        const answer = await fleet.delete<CommandAnswer>(path, { headers });
        expect([path, answer.status]).toEqual([path, 200]);
      }
    },
  );

  it.each([
    [RESET, '{"force":null}', "/force"],
    [RESET, '{"drain_timeout_ms":0,"force":false}', "/drain_timeout_ms"],
    [RESET, '{"drain_timeout_ms":60001,"force":false}', "/drain_timeout_ms"],
    [RESET, '{"deadline_ms":99}', "/deadline_ms"],
    [RESET, '{"deadline_ms":90001}', "/deadline_ms"],
    [RESET, '{"force":false,"drain_timeout_ms":2000,"deadline_ms":2999}', "/deadline_ms"],
    [RESET, '{"block_seconds":0}', "/block_seconds"],
    [RESET, '{"block_seconds":3601}', "/block_seconds"],
    [RESET, '{"require":"all"}', "/require"],
    [RESET, '{"dry_run":"yes"}', "/dry_run"],
    [RESET, `{"reason":"${"x".repeat(501)}"}`, "/reason"],
    [RESET, '{"target":{"percent":0}}', "/target/percent"],
    [RESET, '{"target":{"percent":101}}', "/target/percent"],
    [RESET, '{"target":{"count":0}}', "/target/count"],
    [RESET, '{"target":{"count":1,"percent":50}}', "/target/count"],
    [RESET, '{"target":[]}', "/target"],
    [RESET, '{"target":{"labels":{}}}', "/target/labels"],
    [LOAD, '{"jobs_per_second":10001}', "/jobs_per_second"],
    [LOAD, '{"jobs_per_second":-1}', "/jobs_per_second"],
    [LOAD, '{"target":null}', "/target"],
    [HANG, '{"duration_seconds":-1}', "/duration_seconds"],
    [HANG, '{"duration_seconds":86401}', "/duration_seconds"],
    [HANG, '{"duration_seconds":1.5}', "/duration_seconds"],
    [HANG, '{"scope":"jobs"}', "/duration_seconds"],
    [HANG, '{"scope":"jobs","duration_seconds":3601}', "/duration_seconds"],
    [HANG, '{"scope":"process","duration_seconds":0}', "/duration_seconds"],
    [HANG, '{"scope":"process","duration_seconds":301}', "/duration_seconds"],
    [HANG, '{"scope":"fleet","duration_seconds":1}', "/scope"],
    [HANG, '{"scope":"process","duration_seconds":1,"target":{"role":"api"}}', "/target/role"],
    [BLOCK, "{}", ""],
    [BLOCK, '{"duration_seconds":0}', "/duration_seconds"],
    [BLOCK, '{"duration_seconds":3601}', "/duration_seconds"],
    [BLOCK, '{"mode":"reject","duration_seconds":1}', "/mode"],
    [HALT, '{"reason":1}', "/reason"],
  ])("of POST %s is refused by name: %s", async (path, body, member) => {
    const { errors } = expectProblem(await json(path, body), "VALIDATION_FAILED", path);
    expect(errors?.map((error) => error.path)).toContain(member);
  });

  it("of a load is refused in the original tool's words", async () => {
    const details: string[] = [];
    for (const body of [
      '{"level":"extreme"}',
      '{"duration_seconds":0}',
      '{"duration_seconds":3601}',
    ]) {
      details.push(expectProblem(await json(LOAD, body), "VALIDATION_FAILED", LOAD).detail);
    }
    expect(details).toEqual([
      "Invalid load level. Must be 'low', 'medium', or 'high'",
      "Duration must be between 1 and 3600 seconds",
      "Duration must be between 1 and 3600 seconds",
    ]);
  });
});

describe("what is wrong first is said first", () => {
  const foreign = { origin: "https://evil.example" };

  afterEach(async () => {
    await fleet.delete(HALT);
    await fleet.delete(LOAD);
  });

  it("403 before 415 before malformed JSON before 409 before 400", async () => {
    const load = await fleet.post(LOAD, { duration_seconds: 60 });
    expect(load.status).toBe(200);
    const wrong = '{"level":"extreme"}';
    const both = { headers: { ...foreign, ...TEXT_TYPE } };
    expectProblem(await post(LOAD, wrong, both), "ORIGIN_NOT_ALLOWED", LOAD);
    expectProblem(await post(LOAD, wrong, { headers: TEXT_TYPE }), "UNSUPPORTED_MEDIA_TYPE", LOAD);
    const large = await json(LOAD, `{${" ".repeat(65_536)}`);
    expectProblem(large, "PAYLOAD_TOO_LARGE", LOAD);
    expectProblem(await json(LOAD, "{"), "MALFORMED_JSON", LOAD);
    const active = expectProblem(await json(LOAD, wrong), "CHAOS_ALREADY_ACTIVE", LOAD);
    expect(active.detail).toBe("Load simulation already active");
  });

  it("400 before 423 before 429 before 404", async () => {
    const nobody = { target: { role: "nobody" } };
    expectProblem(await post(RESET, nobody), "CHAOS_NO_TARGETS", RESET);
    const reset = await fleet.post<CommandAnswer>(RESET);
    expect(reset.status).toBe(200);
    const cooling = expectProblem(await post(RESET, nobody), "CHAOS_COOLING_DOWN", RESET);
    expect(cooling["command_id"]).toBe(reset.body.command_id);
    expect(cooling.detail).toContain(reset.body.command_id);
    expect(cooling.detail).toMatch(/at \d{4}-\d\d-\d\dT.*Z.*\d+\.\d s left/);
    await fleet.post(HALT, { reason: "order of refusals" });
    expectProblem(await json(RESET, '{"force":1}'), "VALIDATION_FAILED", RESET);
    const halted = expectProblem(await post(RESET, nobody), "CHAOS_HALTED", RESET);
    expect(halted["halt"]).toMatchObject({ reason: "order of refusals" });
    expect(halted.detail).toContain("order of refusals");
  });

  it("404 before 503, of a fleet whose replicas use no Redis", async () => {
    const worker = await fleet.startWorker({ REDIS_ENABLED: "false" });
    await waitFor(
      async () => {
        const { body } = await fleet.get<FleetStatus>("/chaos/status");
        return body.replicas.some(({ replica_id: id }) => id === worker.name);
      },
      { what: "worker without Redis", timeoutInMs: 20_000 },
    );
    const target = { replicas: [worker.name] };
    expectProblem(
      await post(BLOCK, { duration_seconds: 1, target: { replicas: ["ghost"] } }),
      "UNKNOWN_REPLICA",
      BLOCK,
    );
    const disabled = await post(BLOCK, { duration_seconds: 1, target });
    expect(expectProblem(disabled, "REDIS_NOT_INITIALIZED", BLOCK).detail).toBe(
      "Redis client not initialized",
    );
  });
});
