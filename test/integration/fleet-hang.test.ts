import { request } from "node:http";
import type {
  CommandAnswer,
  FleetStatus,
  Problem,
  RedisResetAnswer,
  RequestHangAnswer,
} from "@fleetquake/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { idsAfterClosing } from "../support/ids-after-closing.ts";
import { settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { untilHang } from "../support/until-hang.ts";
import { waitFor } from "../support/wait-for.ts";
import { WorkQueue } from "../support/work-queue.ts";

const HANG = "/chaos/hang";

/** One fleet for all: one API, two workers. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({ replicas: 2, env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0" } });
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  await fleet.delete(HANG);
  await untilHang(fleet, false);
});

describe("a request that hangs", () => {
  it("answers after its time, and everything else goes on meanwhile", async () => {
    const hanging = fleet.post<RequestHangAnswer>(HANG, { duration_seconds: 2 });
    await untilHang(fleet, true);
    expect((await fleet.get("/livez")).status).toBe(200);
    const second = await fleet.post<Problem>(HANG, { duration_seconds: 1 });
    expect([second.status, second.body.detail]).toEqual([409, "Hang already active"]);
    const { status, body } = await hanging;
    expect([status, body.status]).toEqual([200, "hang_completed"]);
  });

  it("with 0 ends when it is released", async () => {
    const hanging = fleet.post<RequestHangAnswer>(HANG, { duration_seconds: 0 });
    await untilHang(fleet, true);
    const released = await fleet.delete<CommandAnswer>(HANG);
    expect([released.status, released.body.status]).toEqual([200, "hang_released"]);
    expect((await hanging).body.status).toBe("hang_released");
  });

  it("with 0 ends when its client goes away", async () => {
    const outgoing = request(`${fleet.url}${HANG}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    outgoing.on("error", () => undefined);
    outgoing.end(JSON.stringify({ duration_seconds: 0 }));
    await untilHang(fleet, true);
    outgoing.destroy();
    await untilHang(fleet, false);
    expect((await fleet.post(HANG, { duration_seconds: 1 })).status).toBe(200);
  });
});

function areAllBack({ replicas }: FleetStatus): boolean {
  const workers = replicas.filter(({ role }) => role === "worker");
  return workers.every(({ last_recovery: last }) => last !== null && last.all_back_ms !== null);
}

describe("job processors that hang", () => {
  it("do no job until they are released; their event loops and resets go on", async () => {
    await using queue = new WorkQueue(fleet.redisUrl);
    await queue.add(20);
    await queue.waitForCompletion();
    const hang = await fleet.post<CommandAnswer>(HANG, { scope: "jobs", duration_seconds: 60 });
    expect([hang.status, hang.body.status]).toEqual([200, "hang_started"]);
    await queue.add(20);
    const reset = await fleet.post<RedisResetAnswer>("/chaos/redis-reset");
    expect([reset.status, reset.body.outcome]).toEqual([200, "complete"]);
    await waitFor(async () => areAllBack((await fleet.get<FleetStatus>("/chaos/status")).body), {
      what: "workers with all their connections",
      timeoutInMs: 15_000,
    });
    expect(await queue.completed()).toBe(20);
    expect((await fleet.delete(HANG)).status).toBe(200);
    await queue.waitForCompletion();
  });
});

describe("event loops that hang", () => {
  it("are reset from outside of the loop, which the answer says, and come back at once when released", async () => {
    await settledClientIds(fleet);
    const hang = await fleet.post<CommandAnswer>(HANG, { scope: "process", duration_seconds: 60 });
    expect([hang.status, hang.body.outcome]).toEqual([200, "complete"]);
    const before = await fleet.clientIds();
    const reset = await fleet.post<RedisResetAnswer>("/chaos/redis-reset");
    const left = await idsAfterClosing(fleet, { before, closed: reset.body.connections_closed });
    const gone = before.filter((id) => !left.has(id));
    expect([reset.status, reset.body.outcome]).toEqual([200, "complete"]);
    expect(reset.body.connections_closed).toBe(gone.length);
    const workers = reset.body.replicas.filter(({ role }) => role === "worker");
    expect(workers.map(({ closed_by }) => closed_by)).toEqual(["server", "server"]);
    await untilHang(fleet, true);
    const released = await fleet.delete<CommandAnswer>(HANG);
    expect([released.status, released.body.status]).toEqual([200, "hang_released"]);
    await settledClientIds(fleet);
  });

  it("end by their time without anybody's help", async () => {
    await fleet.post(HANG, { scope: "process", duration_seconds: 2 });
    await untilHang(fleet, true);
    await untilHang(fleet, false);
    const { body } = await fleet.post<RedisResetAnswer>("/chaos/redis-reset");
    expect(body.replicas.map(({ closed_by }) => closed_by)).toEqual(
      body.replicas.map(() => "process"),
    );
  });
});
