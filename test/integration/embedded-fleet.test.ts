import type { RedisResetAnswer } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { startFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

describe("an embedded fleet", () => {
  it("takes in workers and APIs that come later, and each API speaks for all", async () => {
    await using fleet = await startFleet({ replicas: 1, apis: 2 });
    const worker = await fleet.startWorker();
    const api = await fleet.startApi();
    await fleet.waitForRoster();
    const { status, body } = await fleet.post<RedisResetAnswer>("/chaos/redis-reset", undefined, {
      api: 2,
    });
    expect(status).toBe(200);
    expect(body.fleet).toMatchObject({ expected: 5, acknowledged: 5 });
    expect(body.replicas.map((replica) => replica.replica_id)).toEqual(
      expect.arrayContaining(["worker-1", worker.name, "api-1", "api-2", api.process.name]),
    );
  });

  it("refuses resets while the broker is gone, and has everybody back at the same address", async () => {
    await using fleet = await startFleet({ replicas: 2 });
    const address = fleet.busConnectionString;
    await fleet.killBroker();
    await waitFor(async () => (await fleet.post("/chaos/redis-reset")).status === 503, {
      what: "503 without a broker",
      timeoutInMs: 15_000,
    });
    await fleet.restartBroker();
    expect(fleet.busConnectionString).toBe(address);
    await fleet.waitForRoster();
    const { body } = await fleet.post<RedisResetAnswer>("/chaos/redis-reset");
    expect(body).toMatchObject({ outcome: "complete", fleet: { expected: 3, acknowledged: 3 } });
  });

  it("stops, goes on and ends processes by the replica's name, Redis by the server's own pid", async () => {
    await using fleet = await startFleet({ replicas: 1 });
    const [worker] = fleet.workers;
    expect(worker?.name).toBe("worker-1");
    expect(fleet.redis.signal("SIGSTOP")).toBe(true);
    await waitFor(async () => (await fleet.get("/health")).status === 503, {
      what: "unhealthy answer with Redis frozen",
      timeoutInMs: 15_000,
    });
    expect(fleet.redis.signal("SIGCONT")).toBe(true);
    await waitFor(async () => (await fleet.get("/health")).status === 200, {
      what: "healthy answer with Redis back",
      timeoutInMs: 15_000,
    });
    expect(worker?.signal("SIGKILL")).toBe(true);
    expect(await worker?.ended).toMatchObject({ signal: "SIGKILL" });
    expect(worker?.signal("SIGKILL")).toBe(false);
  });
});
