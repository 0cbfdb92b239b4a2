import type { FleetStatus, Problem, RedisResetAnswer } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { idsAfterClosing } from "../support/ids-after-closing.ts";
import { settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";
import { WorkQueue } from "../support/work-queue.ts";

const RESET = "/chaos/redis-reset";
const REPLICAS = 5;

/** Promised within 5 s; asserted at three times that, since the machine may be busy. */
const BACK_BOUND_IN_MS = 15_000;
/** A request to a bus that does not answer has spans of its own for the lock, bounded together. */
const REFUSAL_BOUND_IN_MS = 15_000;

function say(what: string, spanInMs: number): void {
  process.stdout.write(`${what}: ${Math.round(spanInMs)} ms\n`);
}

/** Waits until each API has heard each of its replicas since a moment, and is ready; memory alone does not count. */
async function everybodyHeardSince(fleet: StartedFleet, sinceInMs: number): Promise<void> {
  for (const api of fleet.apis.keys()) {
    await waitFor(
      async () => {
        const { body } = await fleet.get<FleetStatus>("/chaos/status", { api });
        const heard = body.replicas.filter(
          (row) => row.state === "active" && Date.parse(row.last_seen) >= sinceInMs,
        );
        return body.bus.connected && body.roster === "ready" && heard.length === REPLICAS;
      },
      { what: `whole fleet on the roster of API ${api}`, timeoutInMs: BACK_BOUND_IN_MS },
    );
  }
}

/** Asks until the API has noticed that the bus is gone. */
function refusedForTheBus(fleet: StartedFleet, api: number): Promise<Problem> {
  return waitFor(
    async () => {
      const answer = await fleet.post<Problem>(RESET, undefined, { api });
      expect(answer.status).toBe(503);
      expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(1);
      expect(answer.body["retry_after_ms"]).toBeGreaterThan(0);
      return answer.body.code === "CHAOS_BUS_UNAVAILABLE" && answer.body;
    },
    { what: "503 for the bus", timeoutInMs: REFUSAL_BOUND_IN_MS },
  );
}

describe("the broker of a running fleet", () => {
  it("is restarted: all replicas are back within 5 s, and the next reset is complete, with each API", async () => {
    await using fleet = await startFleet({
      replicas: REPLICAS - 2,
      apis: 2,
      env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0" },
    });
    const restartedAtInMs = Date.now();
    await fleet.restartBroker();
    await everybodyHeardSince(fleet, restartedAtInMs);
    const tookInMs = Date.now() - restartedAtInMs;
    say("the broker restarted and everybody back", tookInMs);
    expect(tookInMs).toBeLessThan(BACK_BOUND_IN_MS);
    for (const api of [0, 1]) {
      const before = await settledClientIds(fleet, { api });
      const { status, body } = await fleet.post<RedisResetAnswer>(RESET, undefined, { api });
      const left = await idsAfterClosing(fleet, { before, closed: body.connections_closed });
      expect(status).toBe(200);
      expect(body.fleet).toMatchObject({ expected: REPLICAS, acknowledged: REPLICAS });
      expect(body.connections_closed).toBe(before.length);
      expect(before.filter((id) => left.has(id))).toEqual([]);
    }
  });

  it("stands still, or is down: resets are refused and consume nothing, while the workers go on with their jobs", async () => {
    await using fleet = await startFleet({
      replicas: REPLICAS - 2,
      apis: 2,
      env: { FLEETQUAKE_RESET_COOLDOWN_MS: "60000" },
    });
    const before = await settledClientIds(fleet);
    fleet.broker.signal("SIGSTOP");
    const stopped = await fleet.post<Problem>(RESET);
    say("the refusal with the broker stopped", stopped.durationInMs);
    expect([stopped.status, stopped.body.code]).toEqual([503, "CHAOS_BUS_UNAVAILABLE"]);
    expect(stopped.durationInMs).toBeLessThan(REFUSAL_BOUND_IN_MS);
    const wentOnAtInMs = Date.now();
    fleet.broker.signal("SIGCONT");
    await everybodyHeardSince(fleet, wentOnAtInMs);

    await fleet.killBroker();
    // Before the API has noticed, and after it.
    const first = await fleet.post<Problem>(RESET);
    expect(first.status).toBe(503);
    for (const api of [0, 1]) {
      const refusal = await refusedForTheBus(fleet, api);
      expect(refusal.detail).toContain("nothing was published");
    }
    await using queue = new WorkQueue(fleet.redisUrl);
    await queue.add(40);
    await queue.waitForCompletion();
    expect(await queue.failed()).toBe(0);
    expect((await fleet.get("/")).status).toBe(200);
    const { body: status } = await fleet.get<FleetStatus>("/chaos/status");
    expect(status).toMatchObject({ bus: { connected: false }, cool_down: { active: false } });
    expect(status.fleet).toMatchObject({ replicas: REPLICAS, left: 0 });
    const standing = await fleet.clientIds();
    expect(before.filter((id) => !standing.includes(id))).toEqual([]);

    const restartedAtInMs = Date.now();
    await fleet.restartBroker();
    await everybodyHeardSince(fleet, restartedAtInMs);
    const { status: code, body } = await fleet.post<RedisResetAnswer>(RESET, undefined, { api: 1 });
    expect(code).toBe(200);
    expect(body.fleet).toMatchObject({ expected: REPLICAS, acknowledged: REPLICAS });
  });
});
