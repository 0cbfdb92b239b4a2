import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RedisResetAnswer } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { idsAfterClosing } from "../support/ids-after-closing.ts";
import { HAS_PROC } from "../support/process-tree.ts";
import { RedisInspector } from "../support/redis-inspector.ts";
import { requestJson } from "../support/request-json.ts";
import { startSampleApp } from "../support/start-sample-app.ts";
import { startRedis } from "../support/start-redis.ts";
import { startWithNpm, type NpmStart } from "../support/start-with-npm.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The contract promises 5 s; asserted at three times that, since the machine may be busy. */
const STOP_BOUND_IN_MS = 15_000;

const READY =
  /^fleetquake ready: (?<url>http:\S+) \| Redis (?<version>[\d.]+) at (?<redis>\S+) \| bus sb:\/\/127\.0\.0\.1:\d+ \| (?<workers>\d+) workers? \| try: curl -X POST \k<url>\/chaos\/redis-reset$/;

interface Ready {
  readonly url: string;
  readonly redisUrl: string;
  readonly workers: number;
}

async function ready(npm: NpmStart): Promise<Ready> {
  const line = await npm.ready();
  expect(line).toMatch(READY);
  const { url = "", redis = "", workers = "" } = READY.exec(line)?.groups ?? {};
  return { url, redisUrl: `redis://${redis}`, workers: Number(workers) };
}

function reset(url: string): ReturnType<typeof requestJson<RedisResetAnswer>> {
  return requestJson<RedisResetAnswer>(`${url}/chaos/redis-reset`, { method: "POST" });
}

function isReady(message: unknown): message is { readonly ready: true } {
  return typeof message === "object" && message !== null && "ready" in message;
}

async function expectGone(npm: NpmStart, since: number): Promise<void> {
  expect(await npm.processesLeft()).toEqual([]);
  const tookInMs = performance.now() - since;
  process.stdout.write(`npm start ended after ${tookInMs.toFixed(0)} ms\n`);
  expect(tookInMs).toBeLessThan(STOP_BOUND_IN_MS);
}

describe.skipIf(!HAS_PROC)("npm start (needs /proc to see what is left behind)", () => {
  it("brings up a fleet whose reset closes exactly what CLIENT LIST showed, and which comes back", async () => {
    await using npm = await startWithNpm();
    const { url, redisUrl, workers } = await ready(npm);
    expect(workers).toBe(3);
    await using inspector = new RedisInspector(redisUrl);
    expect((await requestJson(`${url}/`)).status).toBe(200);
    const before = await inspector.clientIds();

    const { status, body } = await reset(url);
    const after = await idsAfterClosing(inspector, { before, closed: body.connections_closed });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: "redis_connections_reset",
      outcome: "complete",
      fleet: { expected: 4, acknowledged: 4 },
    });
    expect(body.replicas.map((replica) => replica.state)).toEqual(
      Array.from({ length: 4 }, () => "acknowledged"),
    );
    expect(body.connections_closed).toBe(before.filter((id) => !after.has(id)).length);
    expect(body.connections_closed).toBe(before.length);
    expect((await requestJson(`${url}/`)).status).toBe(200);
    await waitFor(async () => (await inspector.clientIds()).length === before.length, {
      what: "same number of connections as before the reset",
      timeoutInMs: 6_000,
    });
    expect((await inspector.clientIds()).filter((id) => before.includes(id))).toEqual([]);
  });

  it("says which worker died, goes on without it, and ends with SIGTERM leaving nothing behind", async () => {
    await using npm = await startWithNpm({ FLEETQUAKE_WORKERS: "2" });
    const { url } = await ready(npm);
    const [victim = 0] = npm.pidsOf("apps/worker/bundle/app/main.js");

    process.kill(victim, "SIGKILL");

    expect(await npm.complaint(/worker-\d \(pid \d+\) was ended by SIGKILL/)).toContain(
      `(pid ${victim})`,
    );
    await npm.complaint(/goes on with 1 of 2 workers/);
    const { body } = await reset(url);
    expect(body.fleet.acknowledged).toBe(2);

    const since = performance.now();
    npm.signal("SIGTERM");
    expect(await npm.exitCode()).toBe(0);
    await expectGone(npm, since);
  });

  it("ends in order when Ctrl-C reaches the whole process group, twice", async () => {
    await using npm = await startWithNpm({ FLEETQUAKE_WORKERS: "1" });
    await ready(npm);
    const since = performance.now();
    npm.signalGroup("SIGINT");
    npm.signalGroup("SIGINT");
    expect(await npm.exitCode()).toBe(0);
    await expectGone(npm, since);
  });

  it("leaves no process behind when the launcher is killed with SIGKILL, nor a stopped Redis", async () => {
    await using npm = await startWithNpm({ FLEETQUAKE_WORKERS: "1" });
    await ready(npm);
    const [redis = 0] = npm.pidsOf("redis-server");
    expect(npm.pidsOf("redis-guard-main.js")).toHaveLength(1);
    process.kill(redis, "SIGSTOP");
    const since = performance.now();
    process.kill(npm.launcherPid, "SIGKILL");
    await expectGone(npm, since);
  });

  it("starts a broker that died again, with the same address, and the fleet finds it", async () => {
    await using npm = await startWithNpm({ FLEETQUAKE_WORKERS: "1" });
    const { url } = await ready(npm);
    const [broker = 0] = npm.pidsOf("broker-main.js");
    process.kill(broker, "SIGKILL");
    await npm.complaint(/broker \(pid \d+\) was ended by SIGKILL/);
    const answer = await waitFor(
      async () => {
        const attempt = await reset(url);
        return attempt.status === 200 && attempt.body.outcome === "complete" && attempt;
      },
      { what: "complete reset after the broker's restart", timeoutInMs: 30_000, pollInMs: 500 },
    );
    expect(answer.body.fleet.acknowledged).toBe(2);
  });

  it("ends with the last API, and says why", async () => {
    await using npm = await startWithNpm({ FLEETQUAKE_WORKERS: "0" });
    await ready(npm);
    const [api = 0] = npm.pidsOf("apps/api/bundle/app/main.js");
    process.kill(api, "SIGKILL");
    await npm.complaint(/api-1 \(pid \d+\) was ended by SIGKILL.*the fleet ends/s);
    expect(await npm.exitCode()).toBe(1);
    await expectGone(npm, performance.now());
  });

  it("lets an app of the user's own join by the file that it names", async () => {
    await using npm = await startWithNpm({ FLEETQUAKE_WORKERS: "0" });
    const { url } = await ready(npm);
    const path = /--env-file=(\S+)/.exec(npm.complaints)?.[1] ?? "";
    const file = join(ROOT, path);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const app = fileURLToPath(new URL("../support/apps/launcher/own-app.mjs", import.meta.url));
    await using own = startSampleApp(
      app,
      { FLEETQUAKE_REPLICA_ID: "own-app" },
      { execArgv: [`--env-file=${file}`, "--import", "@fleetquake/agent/register"] },
    );
    await own.receive(isReady);
    const { body } = await waitFor(
      async () => {
        const answer = await reset(url);
        return answer.status === 200 && answer.body.fleet.expected === 2 && answer;
      },
      { what: "reset of API and app", timeoutInMs: 30_000, pollInMs: 500 },
    );
    expect(body.replicas.find((replica) => replica.replica_id === "own-app")).toMatchObject({
      state: "acknowledged",
      connections_closed: 1,
    });
    npm.signal("SIGTERM");
    expect(await npm.exitCode()).toBe(0);
    await expect(stat(file)).rejects.toThrow("ENOENT");
  });

  it("uses the Redis that REDIS_URL names, and leaves it alone at the end", async () => {
    await using redis = await startRedis();
    await using npm = await startWithNpm({ FLEETQUAKE_WORKERS: "1", REDIS_URL: redis.url });
    const { redisUrl, url } = await ready(npm);
    expect(redisUrl).toBe(redis.url);
    expect(npm.pidsOf("redis-server")).toEqual([]);
    await using inspector = new RedisInspector(redis.url);
    const before = await inspector.clientIds();
    expect((await reset(url)).body.connections_closed).toBe(before.length);
    npm.signal("SIGTERM");
    expect(await npm.exitCode()).toBe(0);
    expect(await inspector.redis.ping()).toBe("PONG");
  });
});

describe("npm start refuses", () => {
  it("a port that is taken, and says which and what to do", async () => {
    const port = await freePort();
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    try {
      await using npm = await startWithNpm({}, port);
      expect(await npm.exitCode()).toBe(1);
      await npm.complaint(new RegExp(`port ${port} on 127.0.0.1 is taken`));
      await npm.complaint(/APP_PORT=/);
    } finally {
      other.close();
    }
  });

  it("wrong values, all of them at once", async () => {
    await using npm = await startWithNpm({ FLEETQUAKE_WORKERS: "many", FLEETQUAKE_APIS: "0" });
    expect(await npm.exitCode()).toBe(1);
    expect(npm.complaints).toContain("FLEETQUAKE_WORKERS=many must be an integer from 0 to 64");
    expect(npm.complaints).toContain("FLEETQUAKE_APIS=0 must be an integer from 1 to 8");
  });

  it("a REDIS_URL that does not answer, without printing its password", async () => {
    const port = await freePort();
    const url = `redis://user:hunter2@127.0.0.1:${port}`;
    await using npm = await startWithNpm({ REDIS_URL: url });
    expect(await npm.exitCode()).toBe(1);
    expect(npm.complaints).toContain(`Redis at 127.0.0.1:${port} does not answer`);
    expect(npm.complaints).toContain("ECONNREFUSED");
    expect(npm.complaints).not.toContain("hunter2");
  });
});
