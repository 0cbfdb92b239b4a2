import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { FleetStatus, RedisResetAnswer } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idsAfterClosing } from "../support/ids-after-closing.ts";
import { FleetInNamespace } from "../support/network/fleet-in-namespace.ts";
import { namespaceProblem } from "../support/network/namespace-problem.ts";
import { TwoNamespaces, type Blockade } from "../support/network/two-namespaces.ts";
import { CONNECTIONS_PER_WORKER } from "../support/settled-client-ids.ts";
import { waitFor } from "../support/wait-for.ts";

const PORT = 6379;
const WORKERS = { target: { role: "worker" } };

const problem = namespaceProblem();
if (problem !== null) {
  process.stdout.write(
    `skipped, since this needs network namespaces, nftables and a redis-server on PATH: ${problem}\n`,
  );
}

describe.skipIf(problem !== null)("a network that keeps new connections to Redis out", () => {
  let network: TwoNamespaces;
  let redis: ChildProcess;
  let fleet: FleetInNamespace;

  beforeAll(async () => {
    network = await TwoNamespaces.create();
    redis = await startRedisIn(network);
    fleet = await FleetInNamespace.start(
      network.clients,
      `redis://${network.serverAddress}:${PORT}`,
    );
  });

  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    if (redis?.exitCode === null) {
      const exited = once(redis, "exit");
      redis.kill("SIGTERM");
      await exited;
    }
    await network?.[Symbol.asyncDispose]();
  });

  it.each<[Blockade, number]>([
    // More than one for each connection: the first attempts have failed, by their timeout where packets are dropped.
    ["drop", 2 * CONNECTIONS_PER_WORKER],
    ["reject", 4 * CONNECTIONS_PER_WORKER],
  ])(
    "by %s lets those live that stand; a reset closes them, and all come back once the rule is gone",
    async (how, attempts) => {
      expect((await fleet.get("/")).status).toBe(200);
      const settled = await fleet.settledClientIds();
      await network.block(PORT, how);
      try {
        expect((await fleet.get("/")).status).toBe(200);
        const before = await fleet.clientIds();
        expect(before).toHaveLength(settled.length);
        // BullMQ itself may have replaced each worker's blocking connection, overdue since the reset before.
        const kept = before.filter((id) => settled.includes(id));
        expect(kept.length).toBeGreaterThanOrEqual(settled.length - 2);
        const { status, body } = await fleet.post<RedisResetAnswer>("/chaos/redis-reset", WORKERS);
        const left = await idsAfterClosing(fleet, { before, closed: body.connections_closed });
        const gone = before.filter((id) => !left.has(id));
        expect([status, body.outcome]).toEqual([200, "complete"]);
        expect(body.connections_closed).toBe(gone.length);
        expect(gone).toHaveLength(2 * CONNECTIONS_PER_WORKER);
        await untilRecoveries(
          ({ reconnect_attempts: made, all_back_ms }) => made >= attempts && all_back_ms === null,
          "attempts of the workers that fail",
        );
        const standing = await fleet.clientIds();
        expect(standing.filter((id) => !left.has(id))).toEqual([]);
      } finally {
        await network.unblock();
      }
      const after = await fleet.settledClientIds();
      expect(after).toHaveLength(settled.length);
      await untilRecoveries(({ all_back_ms }) => all_back_ms !== null, "recovery of the workers");
    },
  );

  async function untilRecoveries(
    fits: (recovery: {
      readonly reconnect_attempts: number;
      readonly all_back_ms: number | null;
    }) => boolean,
    what: string,
  ): Promise<void> {
    await waitFor(
      async () => {
        const { body } = await fleet.get<FleetStatus>("/chaos/status");
        const workers = body.replicas.filter(({ role }) => role === "worker");
        return workers.every(({ last_recovery: last }) => last !== null && fits(last));
      },
      { what, timeoutInMs: 20_000 },
    );
  }
});

async function startRedisIn({ server, serverAddress }: TwoNamespaces): Promise<ChildProcess> {
  const options = ["--bind", serverAddress, "--port", `${PORT}`, "--protected-mode", "no"];
  const parameters = ["netns", "exec", server, "redis-server", ...options, "--save", ""];
  const redis = spawn("ip", parameters, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  redis.stdout?.on("data", (chunk) => (output += String(chunk)));
  await waitFor(() => output.includes("Ready to accept connections"), {
    what: "Redis in its namespace",
    timeoutInMs: 10_000,
  });
  return redis;
}
