import type {
  FleetStatus,
  HealthAnswer,
  Problem,
  RedisResetAnswer,
  SampleAnswer,
} from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import type { JsonAnswer } from "../support/request-json.ts";
import { CONNECTIONS_PER_WORKER, settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { startRedis } from "../support/start-redis.ts";
import { waitFor } from "../support/wait-for.ts";
import { WorkQueue } from "../support/work-queue.ts";

const RESET = "/chaos/redis-reset";
const ENV = { FLEETQUAKE_RESET_COOLDOWN_MS: "0", REDIS_BACKOFF_BASE: "0.1" };

/** Promised within a second; asserted at three times that, since the machine may be busy. */
const ANSWER_BOUND_IN_MS = 3_000;
/** A reset takes some 20 ms; below this, three times the usual says more of the machine than of the reset. */
const USUAL_BOUND_AT_LEAST_IN_MS = 1_500;

function say(what: string, spanInMs: number): void {
  process.stdout.write(`${what}: ${Math.round(spanInMs)} ms\n`);
}

/** The slowest of three resets of a healthy fleet, and three times that as the bound for one in trouble. */
async function usualBoundInMs(fleet: StartedFleet): Promise<number> {
  const spansInMs: number[] = [];
  for (let round = 1; round <= 3; round += 1) {
    await settledClientIds(fleet);
    const { status, durationInMs } = await fleet.post(RESET);
    expect(status).toBe(200);
    spansInMs.push(durationInMs);
  }
  const usualInMs = Math.max(...spansInMs);
  say("a reset as usual", usualInMs);
  return Math.max(USUAL_BOUND_AT_LEAST_IN_MS, 3 * usualInMs);
}

async function expectReset(
  fleet: StartedFleet,
  options: { readonly when: string; readonly boundInMs: number },
): Promise<JsonAnswer<RedisResetAnswer>> {
  const answer = await fleet.post<RedisResetAnswer>(RESET);
  say(`a reset with ${options.when}`, answer.durationInMs);
  expect([answer.status, answer.body.outcome]).toEqual([200, "complete"]);
  expect(answer.body.fleet).toMatchObject({ expected: 3, acknowledged: 3 });
  expect(answer.durationInMs).toBeLessThan(options.boundInMs);
  return answer;
}

async function expectPromptAnswers(fleet: StartedFleet, when: string): Promise<void> {
  for (const path of ["/health", "/chaos/status", "/health"]) {
    const answer = await fleet.get<HealthAnswer | FleetStatus>(path);
    say(`${path} with ${when}`, answer.durationInMs);
    expect(answer.durationInMs).toBeLessThan(ANSWER_BOUND_IN_MS);
    expect(answer.status).toBe(path === "/health" ? 503 : 200);
  }
}

function waitForSample(fleet: StartedFleet): Promise<JsonAnswer<SampleAnswer>> {
  return waitFor(
    async () => {
      const answer = await fleet.get<SampleAnswer>("/");
      return answer.status === 200 && answer;
    },
    { what: "GET / that works again", timeoutInMs: 20_000 },
  );
}

describe("a fleet whose Redis is in trouble", () => {
  it("is reset as fast as usual with Redis stopped and with Redis down, answers about itself, and recovers by itself", async () => {
    await using fleet = await startFleet({ replicas: 2, env: ENV });
    const boundInMs = await usualBoundInMs(fleet);
    const before = await settledClientIds(fleet);

    fleet.redis.signal("SIGSTOP");
    const frozen = await expectReset(fleet, { when: "Redis stopped", boundInMs });
    expect(frozen.body.connections_closed).toBe(before.length);
    await expectReset(fleet, { when: "Redis stopped, again", boundInMs });
    await expectPromptAnswers(fleet, "Redis stopped");
    fleet.redis.signal("SIGCONT");
    await waitForSample(fleet);
    const back = await settledClientIds(fleet);
    expect(back.filter((id) => before.includes(id))).toEqual([]);

    fleet.redis.signal("SIGSTOP");
    const drained = await fleet.post<RedisResetAnswer>(RESET, {
      force: false,
      drain_timeout_ms: 500,
    });
    say("a drain of at most 500 ms with Redis stopped", drained.durationInMs);
    expect([drained.status, drained.body.outcome]).toEqual([200, "complete"]);
    expect(drained.body.connections_closed).toBe(back.length);
    expect(drained.durationInMs).toBeLessThan(500 + boundInMs);

    fleet.redis.signal("SIGKILL");
    await fleet.redis.ended;
    await expectReset(fleet, { when: "Redis down", boundInMs });
    await expectPromptAnswers(fleet, "Redis down");
    const { body } = await fleet.get<Problem>("/");
    expect(body.detail).toMatch(/^Redis operation failed: ./);
    await using _ = await startRedis({ port: Number(new URL(fleet.redisUrl).port) });
    await waitForSample(fleet);
    await waitFor(async () => (await settledClientIds(fleet)).length > 2 * CONNECTIONS_PER_WORKER, {
      what: "connections of both workers and of the API",
      timeoutInMs: 20_000,
    });
  });

  it("starts with Redis down, and works once it is there", async () => {
    const port = await freePort();
    const redisUrl = `redis://127.0.0.1:${port}`;
    await using fleet = await startFleet({
      replicas: 2,
      redisUrl,
      env: ENV,
      waitsForRoster: false,
    });
    // Not ready, since readiness asks for Redis too; the roster does not.
    await waitFor(
      async () => {
        const { body } = await fleet.get<FleetStatus>("/chaos/status");
        return body.roster === "ready" && body.fleet.active === 3;
      },
      { what: "roster without Redis", timeoutInMs: 30_000 },
    );
    expect((await fleet.get("/readyz")).status).toBe(503);
    const { status, body } = await fleet.get<Problem>("/");
    expect([status, body.code]).toEqual([503, "REDIS_OPERATION_FAILED"]);
    await expectPromptAnswers(fleet, "Redis never there");
    const { body: empty } = await expectReset(fleet, {
      when: "Redis never there",
      boundInMs: USUAL_BOUND_AT_LEAST_IN_MS,
    });
    expect(empty.connections_closed).toBe(0);

    await using _ = await startRedis({ port });
    const sample = await waitForSample(fleet);
    expect(sample.body.redis_data).toMatch(/^Data created at \d{4}-/);
    const ids = await settledClientIds(fleet);
    await using queue = new WorkQueue(redisUrl);
    await queue.add(1);
    await queue.waitForCompletion();
    const reset = await fleet.post<RedisResetAnswer>(RESET);
    expect(reset.status).toBe(200);
    expect(reset.body.connections_closed).toBe(ids.length);
  });
});
