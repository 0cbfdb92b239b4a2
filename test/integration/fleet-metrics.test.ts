import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FleetStatus, RedisResetAnswer } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { hasPrometheus, startPrometheus } from "../support/start-prometheus.ts";
import { waitFor } from "../support/wait-for.ts";
import { WorkQueue } from "../support/work-queue.ts";

let fleet: StartedFleet;
let workerUrl: string;

beforeAll(async () => {
  const port = await freePort();
  workerUrl = `http://127.0.0.1:${port}`;
  fleet = await startFleet({
    replicas: 1,
    apis: 2,
    env: { FLEETQUAKE_WORKER_METRICS_PORT: String(port) },
  });
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

/** The sum of a metric's series whose labels fit. */
async function metric(url: string, name: string, labels = ""): Promise<number> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) });
  expect(response.status).toBe(200);
  const lines = (await response.text()).split("\n");
  return lines
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => line.includes(labels))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

describe("GET /metrics", () => {
  it("of every API tells what a reset did to the whole fleet, and how it came back", async () => {
    const { status, body } = await fleet.post<RedisResetAnswer>("/chaos/redis-reset");
    expect(status).toBe(200);
    for (const url of fleet.urls) {
      const isTold = async (): Promise<boolean> =>
        (await metric(url, "fleetquake_connections_closed_total")) === body.connections_closed;
      await waitFor(isTold, { what: "the closed connections", timeoutInMs: 10_000 });
      const acknowledged = 'action="inject",state="acknowledged"';
      expect(await metric(url, "fleetquake_acknowledgements_total", acknowledged)).toBe(3);
      const complete = 'fault="redis-reset",action="inject",outcome="complete"';
      expect(await metric(url, "fleetquake_commands_total", complete)).toBe(1);
      await waitFor(
        async () => (await metric(url, "fleetquake_recovery_seconds_count", '"all_back"')) > 0,
        { what: "the recoveries", timeoutInMs: 20_000 },
      );
    }
    const isShown = async (): Promise<boolean> => {
      const { body: shown } = await fleet.get<FleetStatus>("/chaos/status");
      const told = await metric(fleet.url, "fleetquake_redis_connections");
      return told > 0 && told === shown.redis.connection_count;
    };
    await waitFor(isShown, { what: "the connections of the status", timeoutInMs: 10_000 });
  });

  it("of a worker tells of its own connections and jobs", async () => {
    // What the API knows is as old as the last heartbeat.
    const isSame = async (): Promise<boolean> => {
      const { body } = await fleet.get<FleetStatus>("/chaos/status");
      const worker = body.replicas.find(({ role }) => role === "worker");
      const held = await metric(workerUrl, "fleetquake_replica_redis_connections");
      return held > 0 && held === worker?.redis.connection_count;
    };
    await waitFor(isSame, { what: "the same connections", timeoutInMs: 10_000 });
    await using queue = new WorkQueue(fleet.redisUrl);
    await queue.add(7);
    await queue.waitForCompletion();
    const isTold = async (): Promise<boolean> =>
      (await metric(workerUrl, "fleetquake_replica_jobs_total", '"completed"')) === 7;
    await waitFor(isTold, { what: "7 jobs", timeoutInMs: 10_000 });
    expect((await fetch(`${workerUrl}/livez`)).status).toBe(200);
    expect((await fetch(`${workerUrl}/other`)).status).toBe(404);
    expect((await fetch(`${workerUrl}/metrics`, { method: "POST" })).status).toBe(405);
  });

  it.skipIf(!hasPrometheus("prometheus"))(
    "is read by Prometheus, from APIs and workers, with the rules at work",
    async () => {
      const rules = ["recording-rules.yml", "alert-rules.yml"].map((name) =>
        fileURLToPath(new URL(`../../infra/prometheus/${name}`, import.meta.url)),
      );
      const targets = [...fleet.urls, workerUrl].map((url) => new URL(url).host);
      await using prometheus = await startPrometheus({
        global: { scrape_interval: "1s", evaluation_interval: "1s" },
        rule_files: rules,
        scrape_configs: [{ job_name: "fleetquake", static_configs: [{ targets }] }],
      });
      const isRead = async (): Promise<boolean> =>
        (await prometheus.value("sum(up)").catch(() => null)) === 3 &&
        (await prometheus.value("fleetquake:http_errors:ratio5m")) === 0;
      await waitFor(isRead, { what: "three targets and a rule's value", timeoutInMs: 40_000 });
      const expected = await metric(fleet.url, "fleetquake_connections_closed_total");
      expect(await prometheus.value("max(fleetquake_connections_closed_total)")).toBe(expected);
      expect(
        await prometheus.value("sum(max by (role, kind) (fleetquake_redis_connections))"),
      ).toBe(await metric(fleet.url, "fleetquake_redis_connections"));
    },
  );

  it("answers from memory while Redis stands still and the broker is gone", async () => {
    fleet.redis.signal("SIGSTOP");
    try {
      await fleet.killBroker();
      const isTold = async (): Promise<boolean> =>
        (await metric(fleet.url, "fleetquake_bus_connected")) === 0;
      await waitFor(isTold, { what: "a bus that is lost", timeoutInMs: 20_000 });
      const held = await metric(workerUrl, "fleetquake_replica_redis_connections");
      expect(held).toBeGreaterThan(0);
    } finally {
      fleet.redis.signal("SIGCONT");
    }
  });
});

it.skipIf(!hasPrometheus("promtool"))("the rules for Prometheus do what they are meant to", () => {
  const folder = fileURLToPath(new URL("../../infra/prometheus/", import.meta.url));
  const run = (...parameters: string[]): string =>
    execFileSync("promtool", parameters, { cwd: folder, encoding: "utf8" });
  expect(run("check", "config", "prometheus.yml")).toContain("SUCCESS");
  expect(run("test", "rules", "rules-test.yml")).toContain("SUCCESS");
});
