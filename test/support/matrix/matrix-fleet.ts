import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { FleetProcess } from "@fleetquake/embedded";
import type { FleetStatus, ReplicaStatus } from "@fleetquake/contract";
import { startFleet, type StartedFleet } from "../start-fleet.ts";
import { BrokerSwitches } from "./broker-switches.ts";

const WORKERS = 5;
const APIS = 2;
const SHIFTED_CLOCK = preload("host/shifted-clock.mjs");
const PATIENT_BULLMQ = preload("fleet/patient-bullmq.mjs");

/** 1 broker that can be made to fail, 2 APIs, 5 workers, and a Redis, each a process of its own. */
export class MatrixFleet implements AsyncDisposable {
  readonly fleet: StartedFleet;
  readonly switches: BrokerSwitches;
  readonly #clockFile: string;

  constructor(fleet: StartedFleet, clockFile: string) {
    this.fleet = fleet;
    this.switches = new BrokerSwitches(fleet.busConnectionString);
    this.#clockFile = clockFile;
  }

  /** The processes that have an agent. */
  get replicas(): readonly FleetProcess[] {
    const { apis, workers } = this.fleet;
    return [...apis.map(({ process }) => process), ...workers].filter((one) => one.isRunning);
  }

  /** The numbers of the APIs that run. */
  get apis(): readonly number[] {
    return [...this.fleet.apis.entries()]
      .filter(([, { process }]) => process.isRunning)
      .map(([api]) => api);
  }

  /** Sets the clock of the last of the five workers so many milliseconds off. */
  async shiftClock(shiftInMs: number): Promise<void> {
    await writeFile(this.#clockFile, `${shiftInMs}`);
  }

  /** What each API says of the fleet. */
  async statuses(): Promise<readonly FleetStatus[]> {
    const asked = this.apis.map((api) => this.fleet.get<FleetStatus>("/chaos/status", { api }));
    return (await Promise.all(asked)).map(({ body }) => body);
  }

  /** A replica as the first API knows it. @throws when it is not on its roster. */
  async replica(replicaId: string): Promise<ReplicaStatus> {
    const { body } = await this.fleet.get<FleetStatus>("/chaos/status");
    const row = body.replicas.find(({ replica_id: id }) => id === replicaId);
    if (row === undefined) {
      throw new Error(`${replicaId} is not on the roster`);
    }
    return row;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet[Symbol.asyncDispose]();
    await rm(join(this.#clockFile, ".."), { recursive: true });
  }
}

/** The environment of a process whose clock is what a file, or a number of milliseconds, says. */
export function shiftedClock(shift: string | number): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `${PATIENT_BULLMQ} ${SHIFTED_CLOCK}`,
    ...(typeof shift === "number" ? { SHIFT_MS: `${shift}` } : { SHIFT_FILE: shift }),
  };
}

/** Starts the fleet of the matrix, without a cool-down between resets. */
export async function startMatrixFleet(): Promise<MatrixFleet> {
  const clockFile = join(await mkdtemp(join(tmpdir(), "fleetquake-clock-")), "shift");
  await writeFile(clockFile, "0");
  const fleet = await startFleet({
    replicas: WORKERS - 1,
    apis: APIS,
    brokerFaults: true,
    env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0", NODE_OPTIONS: PATIENT_BULLMQ },
  });
  const matrix = new MatrixFleet(fleet, clockFile);
  try {
    await fleet.startWorker(shiftedClock(clockFile));
    await fleet.waitForRoster();
    return matrix;
  } catch (error) {
    await matrix[Symbol.asyncDispose]();
    throw error;
  }
}

function preload(app: string): string {
  return `--import=${pathToFileURL(join(import.meta.dirname, "../apps", app)).href}`;
}
