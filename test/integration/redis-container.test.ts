import type { RedisResetAnswer } from "@fleetquake/contract";
import {
  GenericContainer,
  Network,
  Wait,
  type StartedNetwork,
  type StartedTestContainer,
} from "testcontainers";
import { afterAll, beforeAll, describe, expect, it, vi, type TestContext } from "vitest";
import { makeLocalImage } from "../support/make-local-image.ts";
import { openDocker, type OpenedDocker } from "../support/open-docker.ts";
import { CONNECTIONS_PER_WORKER, settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";
import { WorkQueue } from "../support/work-queue.ts";

const IMAGE = `fleetquake-test-redis:${process.pid}`;
const REDIS_PORT = 6379;
const RESET = "/chaos/redis-reset";
const WORKERS = 2;

let opened: OpenedDocker;
let network: StartedNetwork | undefined;
let redis: StartedTestContainer | undefined;
let started: StartedFleet | undefined;

beforeAll(async () => {
  opened = await openDocker();
  if (opened.kind === "none") {
    process.stdout.write(`skipped: Redis in a container: ${opened.reason}\n`);
    return;
  }
  vi.stubEnv("DOCKER_HOST", opened.docker.socket);
  // Ports are published on this machine also where it is a container itself.
  vi.stubEnv("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1");
  // Its image comes from a registry; what it would clean up ends below.
  vi.stubEnv("TESTCONTAINERS_RYUK_DISABLED", "true");
  await makeLocalImage(opened.docker, { kind: "redis", tag: IMAGE });
  network = await new Network().start();
  redis = await new GenericContainer(IMAGE)
    .withCommand(["redis-server", "--protected-mode", "no", "--save", "", "--dir", "/tmp"])
    .withNetwork(network)
    .withExposedPorts(REDIS_PORT)
    .withWaitStrategy(Wait.forLogMessage("Ready to accept connections"))
    .start();
  started = await startFleet({
    replicas: WORKERS,
    redisUrl: `redis://127.0.0.1:${redis.getMappedPort(REDIS_PORT)}`,
    env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0" },
  });
});

afterAll(async () => {
  await started?.[Symbol.asyncDispose]();
  await redis?.stop({ timeout: 1_000 });
  await network?.stop();
  if (opened?.kind === "open") {
    const { docker } = opened;
    await docker.docker("image", "rm", "--force", IMAGE).catch(() => undefined);
    await docker[Symbol.asyncDispose]();
  }
  vi.unstubAllEnvs();
});

/** What a test needs; a test that runs without an engine is skipped. */
function parts(context: TestContext) {
  if (opened.kind === "none") {
    return context.skip(opened.reason);
  }
  if (redis === undefined || started === undefined) {
    throw new Error("the container or the fleet did not start");
  }
  return { docker: opened.docker.docker, container: redis.getId(), fleet: started };
}

/** Resets a fleet that has jobs to do, and waits until they are done. */
async function resetWhileWorking(fleet: StartedFleet) {
  // Its connection is one of CLIENT LIST, too, while it lasts.
  await using queue = new WorkQueue(fleet.redisUrl);
  await queue.add(1_000);
  const answer = await fleet.post<RedisResetAnswer>(RESET, { verify: true });
  await queue.waitForCompletion();
  expect(await queue.failed()).toBe(0);
  return answer;
}

describe("Redis in a container", () => {
  it("loses every connection to a reset and no job, which the answer does not claim to have verified behind a proxy", async (context) => {
    const { fleet } = parts(context);
    const before = await settledClientIds(fleet);
    const { status, body } = await resetWhileWorking(fleet);
    expect([status, body.outcome]).toEqual([200, "complete"]);
    const after = new Set(await settledClientIds(fleet));
    expect(before.filter((id) => after.has(id))).toEqual([]);
    expect(body.connections_closed).toBe(before.length);
    // Redis sees the proxy of the published port, at addresses of which no replica knows.
    expect(body.verification).toMatchObject({
      claimed: before.length,
      confirmed: 0,
      verdict: "inconclusive",
      why: expect.stringContaining("proxy"),
    });
  });

  it("is reset while it hangs (docker pause), which the API sees and says, and all come back", async (context) => {
    const { docker, container, fleet } = parts(context);
    const before = await settledClientIds(fleet);
    await docker("pause", container);
    try {
      const target = { role: "worker" };
      const { status, body } = await fleet.post<RedisResetAnswer>(RESET, { target });
      expect([status, body.outcome, body.fleet.acknowledged]).toEqual([200, "complete", WORKERS]);
      expect(body.connections_closed).toBe(WORKERS * CONNECTIONS_PER_WORKER);
      expect((await fleet.get("/health")).status).toBe(503);
    } finally {
      await docker("unpause", container);
    }
    const isWell = async (): Promise<boolean> => (await fleet.get("/health")).status === 200;
    await waitFor(isWell, { what: "a healthy API", timeoutInMs: 20_000 });
    // A Redis that hung learns only now of what was closed meanwhile.
    const after = new Set(await settledClientIds(fleet));
    expect(before.filter((id) => !after.has(id)).length).toBeGreaterThanOrEqual(
      WORKERS * CONNECTIONS_PER_WORKER,
    );
  });
});
