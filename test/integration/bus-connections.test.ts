import { readFileSync } from "node:fs";
import type { RedisResetAnswer } from "@fleetquake/contract";
import { readConnectionString } from "@fleetquake/bus/connection";
import { expect, it } from "vitest";
import { startFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

const APIS = 2;
const WORKERS = 3;
const PER_API = 2;
const PER_WORKER = 1;
const ESTABLISHED = "01";

/** How many connections the kernel holds at a port of this machine, seen from the side that listens. */
function connectionsAt(port: number): number {
  const rows = readFileSync("/proc/net/tcp", "utf8").trim().split("\n").slice(1);
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  return rows.filter((row) => {
    const [, local, , state] = row.trim().split(/\s+/);
    return local?.endsWith(`:${hexPort}`) && state === ESTABLISHED;
  }).length;
}

// What a broker must bear: Microsoft's emulator takes ten.
it.skipIf(process.platform !== "linux")(
  "a fleet holds two connections to the bus for each API and one for each worker, before and after a reset",
  async () => {
    await using fleet = await startFleet({ apis: APIS, replicas: WORKERS });
    const { port } = readConnectionString(fleet.busConnectionString).endpoint;
    const expected = APIS * PER_API + WORKERS * PER_WORKER;
    const isSettled = (): boolean => connectionsAt(port) === expected;
    const settled = { what: `${expected} connections to the bus`, timeoutInMs: 20_000 };
    await waitFor(isSettled, settled);
    const { status } = await fleet.post<RedisResetAnswer>("/chaos/redis-reset");
    expect(status).toBe(200);
    await waitFor(isSettled, settled);
    // Each worker brings one more, no other connection comes with it.
    await fleet.startWorker();
    await fleet.waitForRoster();
    await waitFor(() => connectionsAt(port) === expected + PER_WORKER, settled);
  },
);
