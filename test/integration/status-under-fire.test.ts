import type { CommandAnswer, FleetStatus } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeepAliveClient } from "../support/keep-alive-client.ts";
import { latenciesOf, percentile } from "../support/latencies.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

const STATUS = "/chaos/status";
const WORKERS = 2;
const REQUESTS = 1_000;
const BATCHES = 4;

/** What is promised: under fire p99 is at most five times the p99 of a fleet at rest. */
const MOST_TIMES = 5;
/** A fleet at rest answers within a fraction of a millisecond; below this its p99 is noise. */
const LEAST_IDLE_P99_IN_MS = 2;
/** Sooner than this nobody gives up on Redis: whoever had waited for it would have taken longer. */
const REDIS_TIMEOUT_IN_MS = 3_000;

/** One fleet for all: one API, two workers. */
let fleet: StartedFleet;
let client: KeepAliveClient;

beforeAll(async () => {
  fleet = await startFleet({ replicas: WORKERS, env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0" } });
  client = new KeepAliveClient(fleet.url);
  // The answers' code is compiled and their connection is open before anything is measured.
  await latenciesOf(client, STATUS, REQUESTS);
});

afterAll(async () => {
  client?.[Symbol.dispose]();
  await fleet?.[Symbol.asyncDispose]();
});

interface Fire {
  readonly name: string;
  /** Resolves when the status shows it. */
  readonly light: () => Promise<void>;
  readonly putOut: () => Promise<void>;
}

/** Measures a fleet at rest and under fire in turns, so that both meet the same machine. */
async function expectPromptStatus({ name, light, putOut }: Fire): Promise<void> {
  const idleInMs: number[] = [];
  const underFireInMs: number[] = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    idleInMs.push(...(await latenciesOf(client, STATUS, REQUESTS / BATCHES)));
    await light();
    underFireInMs.push(...(await latenciesOf(client, STATUS, REQUESTS / BATCHES)));
    await putOut();
  }
  const idleP99InMs = percentile(idleInMs, 0.99);
  const p99InMs = percentile(underFireInMs, 0.99);
  const slowestInMs = Math.max(...underFireInMs);
  process.stdout.write(
    `${REQUESTS} GET ${STATUS}: p99 at rest ${idleP99InMs.toFixed(2)} ms, under ${name} ${p99InMs.toFixed(2)} ms, slowest ${slowestInMs.toFixed(1)} ms\n`,
  );
  expect(p99InMs).toBeLessThanOrEqual(MOST_TIMES * Math.max(idleP99InMs, LEAST_IDLE_P99_IN_MS));
  expect(slowestInMs).toBeLessThan(REDIS_TIMEOUT_IN_MS);
}

async function untilShown(fits: (status: FleetStatus) => boolean, what: string): Promise<void> {
  await waitFor(async () => fits((await fleet.get<FleetStatus>(STATUS)).body), {
    what,
    timeoutInMs: 20_000,
  });
}

async function start(path: string, body: object): Promise<void> {
  const { status, body: answer } = await fleet.post<CommandAnswer>(path, body);
  expect([status, answer.fleet.acknowledged]).toEqual([200, WORKERS]);
}

describe("GET /chaos/status", () => {
  it("answers as promptly with every worker under high load and Redis standing still", async () => {
    await expectPromptStatus({
      name: "load high on every worker and a Redis that stands still",
      light: async () => {
        fleet.redis.signal("SIGSTOP");
        await start("/chaos/load", { level: "high", duration_seconds: 60 });
        await untilShown(({ replicas }) => {
          const workers = replicas.filter(({ role }) => role === "worker");
          return workers.every(({ load }) => load.active && load.level === "high");
        }, "load on every worker");
      },
      putOut: async () => {
        fleet.redis.signal("SIGCONT");
        expect((await fleet.delete("/chaos/load")).status).toBe(200);
        await untilShown(({ load }) => !load.active, "fleet without load");
      },
    });
  });

  it("answers as promptly while the event loop of a worker hangs", async () => {
    const target = { replicas: ["worker-1"] };
    await expectPromptStatus({
      name: "a worker whose event loop hangs",
      light: async () => {
        const hang = { scope: "process", duration_seconds: 60, target };
        const { status } = await fleet.post("/chaos/hang", hang);
        expect(status).toBe(200);
        await untilShown(({ hang: shown }) => shown.active, "worker that hangs");
      },
      putOut: async () => {
        expect((await fleet.delete("/chaos/hang")).status).toBe(200);
        await untilShown(({ hang: shown }) => !shown.active, "fleet without a hang");
      },
    });
  });
});
