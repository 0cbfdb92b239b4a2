import type { FleetStatus } from "@fleetquake/contract";
import { expect, it } from "vitest";
import { processUsage } from "../support/process-usage.ts";
import { startFleet } from "../support/start-fleet.ts";
import { waitFor } from "../support/wait-for.ts";

/** Memory of a load at level medium that must be there, and be given back. */
const HELD_IN_MB = 400;

it("a worker that is cut off from the bus ends its load by itself, half a minute later", async () => {
  await using fleet = await startFleet({ replicas: 1 });
  const pid = fleet.workers[0]?.pid ?? 0;
  const restingInMb = processUsage(pid).residentInMb;
  const isLoaded = (): boolean => processUsage(pid).residentInMb - restingInMb > HELD_IN_MB;
  const load = { level: "medium", duration_seconds: 600 };
  expect((await fleet.post("/chaos/load", load)).status).toBe(200);
  await waitFor(isLoaded, { what: "the load's memory", timeoutInMs: 20_000 });
  await fleet.killBroker();
  const cutOffAtInMs = performance.now();
  await waitFor(() => !isLoaded(), { what: "the end of the load", timeoutInMs: 90_000 });
  const tookInMs = performance.now() - cutOffAtInMs;
  process.stdout.write(`a load ended ${Math.round(tookInMs)} ms after the bus was lost\n`);
  // A broker that is back soon ends nothing.
  expect(tookInMs).toBeGreaterThan(15_000);
  await fleet.restartBroker();
  await fleet.waitForRoster();
  const { body } = await fleet.get<FleetStatus>("/chaos/status");
  expect([body.load.active, body.fleet.active]).toEqual([false, 2]);
}, 180_000);
