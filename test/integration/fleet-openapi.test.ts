import { DocumentedAnswers } from "@fleetquake/api/testing";
import type { CommandPage, FleetStatus } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { followEvents } from "../support/follow-events.ts";
import { requestJson, type JsonAnswer, type RequestJsonOptions } from "../support/request-json.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { until } from "../support/until.ts";

/** Longer than a reset and the next request take on a slow machine. */
const COOL_DOWN_IN_MS = 3_000;

let fleet: StartedFleet;
let documented: DocumentedAnswers;

beforeAll(async () => {
  fleet = await startFleet({
    replicas: 2,
    apis: 2,
    env: { FLEETQUAKE_RESET_COOLDOWN_MS: String(COOL_DOWN_IN_MS) },
  });
  const { body } =
    await fleet.get<ConstructorParameters<typeof DocumentedAnswers>[0]>("/openapi.json");
  documented = new DocumentedAnswers(body);
});

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

/** Asks, holds the answer to the document that this fleet serves, and gives its status and body. */
async function ask<T>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  options: RequestJsonOptions = {},
): Promise<JsonAnswer<T>> {
  const answer = await requestJson<T>(`${fleet.url}${path}`, { ...options, method });
  const { status, headers, body } = answer;
  documented.hold({ method, path, status, headers, body: JSON.stringify(body) });
  return answer;
}

async function cooledDown(): Promise<void> {
  await until(async () => {
    const { body } = await ask<FleetStatus>("GET", "/chaos/status");
    return !body.cool_down.active;
  });
}

describe("the answers of a real fleet are as its own document says", () => {
  it("to resets: complete, tried, too early, two at once, not waited for, repeated", async () => {
    const reset = (body: object, headers = {}): Promise<{ readonly status: number }> =>
      ask("POST", "/chaos/redis-reset", { body, headers });
    expect((await reset({ dry_run: true })).status).toBe(200);
    expect((await reset({ reason: "drill" })).status).toBe(200);
    expect((await reset({})).status).toBe(429);
    expect((await reset({ dry_run: true })).status).toBe(200);
    await cooledDown();
    const twice = await Promise.all([reset({}), reset({})]);
    expect(twice.map(({ status }) => status)).toContain(200);
    expect(twice.some(({ status }) => status === 409 || status === 429)).toBe(true);
    await cooledDown();
    expect((await reset({}, { prefer: "respond-async" })).status).toBe(202);
    await cooledDown();
    expect((await reset({ verify: true })).status).toBe(200);
    await cooledDown();
    const key = { "idempotency-key": "k-1" };
    expect((await reset({ force: false, drain_timeout_ms: 500 }, key)).status).toBe(200);
    expect((await reset({ force: false, drain_timeout_ms: 500 }, key)).status).toBe(200);
    expect((await reset({}, key)).status).toBe(422);
    await cooledDown();
    expect((await reset({ target: { replicas: ["nobody"] } })).status).toBe(404);
    expect((await reset({ misspelt: true })).status).toBe(400);
  });

  it("to a reset that a replica does not answer", async () => {
    const [frozen] = fleet.workers;
    await cooledDown();
    frozen?.signal("SIGSTOP");
    const { status } = await ask("POST", "/chaos/redis-reset", { body: { deadline_ms: 500 } });
    frozen?.signal("SIGCONT");
    expect(status).toBe(207);
  });

  it.each([
    ["/chaos/load", { level: "low", duration_seconds: 5 }, { level: "extreme" }],
    ["/chaos/hang", { scope: "jobs", duration_seconds: 5 }, { duration_seconds: -1 }],
    ["/chaos/redis-block", { duration_seconds: 5 }, { duration_seconds: 0 }],
    ["/chaos/redis-token-expiry", { duration_seconds: 5 }, { duration_seconds: 0 }],
  ])("to %s, begun twice, wrong, and ended", async (path, body, wrong) => {
    const begun = await ask("POST", path, { body });
    expect([200, 207, 502]).toContain(begun.status);
    await ask("POST", path, { body });
    await ask("POST", path, { body: wrong });
    await ask("GET", "/chaos/status");
    const ended = await ask("DELETE", path);
    expect([200, 207, 502]).toContain(ended.status);
  });

  it("to a request that hangs, and to a halt and what it stops", async () => {
    const { status } = await ask("POST", "/chaos/hang", { body: { duration_seconds: 1 } });
    expect(status).toBe(200);
    expect((await ask("POST", "/chaos/halt", { body: { reason: "incident" } })).status).toBe(200);
    expect((await ask("POST", "/chaos/redis-reset")).status).toBe(423);
    await ask("GET", "/chaos/status");
    expect((await ask("DELETE", "/chaos/halt")).status).toBe(200);
  });

  it("to everything that is read", async () => {
    await cooledDown();
    await ask("POST", "/chaos/redis-reset");
    const { body } = await ask<CommandPage>("GET", "/chaos/commands?limit=3");
    const id = body.commands[0]?.command_id ?? "";
    await until(async () => {
      const { body: entry } = await ask<CommandPage["commands"][number]>(
        "GET",
        `/chaos/commands/${id}`,
      );
      return entry.replicas.some(({ recovery }) => recovery !== undefined);
    }, 20_000);
    for (const path of ["/", "/health", "/livez", "/readyz", "/chaos/status?scope=local"]) {
      expect([path, (await ask("GET", path)).status]).toEqual([path, 200]);
    }
    const replicas = await ask<FleetStatus>("GET", "/chaos/replicas");
    const [first] = replicas.body.replicas;
    expect((await ask("GET", `/chaos/replicas/${first?.replica_id}`)).status).toBe(200);
    expect((await ask("GET", "/chaos/replicas/nobody")).status).toBe(404);
    expect((await ask("GET", "/chaos/commands/none")).status).toBe(404);
  });

  it("to whoever follows the events", async () => {
    await cooledDown();
    await using follower = await followEvents(fleet.url);
    await follower.event("snapshot");
    const { body } = await ask<{ command_id: string }>("POST", "/chaos/redis-reset");
    const { command_id: id } = body;
    await follower.event("command-closed", ({ command_id }) => command_id === id);
    await follower.event("recovery-report", ({ command_id }) => command_id === id);
    const worker = await fleet.startWorker();
    await follower.event("hello");
    await worker.stop(5_000);
    await follower.event("bye");
    for (const { data } of follower.events) {
      documented.holdValue({ $ref: "#/components/schemas/StreamEvent" }, data);
    }
    const { status, headers, text } = follower;
    documented.hold({ method: "GET", path: "/chaos/events", status, headers, body: text });
    const names = new Set(follower.events.map(({ name }) => name));
    expect([...names].toSorted()).toEqual([
      "acknowledgement",
      "bye",
      "command-closed",
      "command-opened",
      "hello",
      "recovery-report",
      "snapshot",
    ]);
  });
});
