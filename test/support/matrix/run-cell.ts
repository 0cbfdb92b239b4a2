import { setTimeout as pause } from "node:timers/promises";
import type { RedisResetAnswer } from "@fleetquake/contract";
import type { FleetProcess } from "@fleetquake/embedded";
import { expect } from "vitest";
import type { MatrixFault } from "./bus-faults.ts";
import { commandIds } from "./command-ids.ts";
import { overhearCommand } from "./deliver-again.ts";
import { expectTrueLedgers, expectTruth, type ResetAnswer } from "./expect-truth.ts";
import type { MatrixFleet } from "./matrix-fleet.ts";
import { settledConnections, type Connections } from "./settled-connections.ts";
import { wholeAgain } from "./whole-again.ts";

/** What the fleet is doing while a fault stands. */
export type MatrixPhase = "reset" | "idle" | "start of a worker" | "start of an API";

export interface CellOptions {
  readonly phase: MatrixPhase;
  /** How long after the request a fault strikes into a reset, in milliseconds. A reset takes some 20. */
  readonly strikesAfterInMs: number;
}

/** What became of a fleet under a fault. */
export interface CellReport {
  /** What the caller of a reset was told; empty where nobody asked. */
  readonly told: string;
  /** From the end of the fault until every API saw the whole fleet. */
  readonly wholeAgainInMs: number;
}

const RESET = "/chaos/redis-reset";
/** Long enough for what is delayed by a second and a half. */
const DEADLINE_IN_MS = 2_000;
const STOP_NEWCOMER_IN_MS = 5_000;
/** An API's pool lets go of a connection that was idle for 60 s. */
const IDLE_AT_MOST_IN_MS = 20_000;

/**
 * Lets a fault stand while the fleet resets, idles or grows, and holds what follows to what is promised: true answers, true
 * ledgers, no connection closed but by a reset and none twice, and complete resets by every API afterwards.
 */
export async function runCell(
  matrix: MatrixFleet,
  fault: MatrixFault,
  options: CellOptions,
): Promise<CellReport> {
  const before = await settledConnections(matrix);
  const report = await underFault(matrix, fault, { ...options, before });
  await settledConnections(matrix);
  return report;
}

function underFault(
  matrix: MatrixFleet,
  fault: MatrixFault,
  { phase, strikesAfterInMs, before }: CellOptions & { readonly before: Connections },
): Promise<CellReport> {
  switch (phase) {
    case "reset":
      return duringReset(matrix, fault, { before, strikesAfterInMs });
    case "idle":
      return duringIdle(matrix, fault, before);
    case "start of a worker":
      return duringStart(matrix, fault, {
        before,
        start: () => matrix.fleet.startWorker(fault.newcomerEnv),
      });
    case "start of an API":
      return duringStart(matrix, fault, {
        before,
        start: () => startApi(matrix, fault),
      });
  }
}

async function duringReset(
  matrix: MatrixFleet,
  fault: MatrixFault,
  { before, strikesAfterInMs }: { readonly before: Connections; readonly strikesAfterInMs: number },
): Promise<CellReport> {
  const known = await commandIds(matrix);
  const asked = strikesAfterInMs === 0 || !fault.strikesIntoReset ? null : ask(matrix);
  await pause(asked === null ? 0 : strikesAfterInMs);
  await fault.strike(matrix);
  const [answer] = await Promise.all([
    trueAnswer(matrix, before, asked ?? ask(matrix)),
    hold(matrix, fault),
  ]);
  const wholeAgainInMs = await untilWhole(matrix, fault);
  await expectTrueLedgers(matrix, before, { answer, known });
  await expectNextResets(matrix, await settledConnections(matrix));
  const words = "code" in answer.body ? answer.body.code : answer.body.status;
  return { told: `${answer.status} ${words}`, wholeAgainInMs };
}

/** The answer, held to what was true at the moment at which it came. */
async function trueAnswer(
  matrix: MatrixFleet,
  before: Connections,
  asked: Promise<ResetAnswer>,
): Promise<ResetAnswer> {
  const answer = await asked;
  await expectTruth(matrix, before, answer);
  return answer;
}

async function duringIdle(
  matrix: MatrixFleet,
  fault: MatrixFault,
  before: Connections,
): Promise<CellReport> {
  await fault.strike(matrix);
  await hold(matrix, fault);
  const wholeAgainInMs = await untilWhole(matrix, fault);
  await expectNextResets(matrix, before);
  return { told: "", wholeAgainInMs };
}

async function duringStart(
  matrix: MatrixFleet,
  fault: MatrixFault,
  { before, start }: { readonly before: Connections; readonly start: () => Promise<FleetProcess> },
): Promise<CellReport> {
  const starting = start();
  await fault.strike(matrix);
  await hold(matrix, fault);
  const newcomer = await starting;
  try {
    const wholeAgainInMs = await untilWhole(matrix, fault);
    const grown = await settledConnections(matrix);
    expect([...before.keys()].filter((id) => !grown.has(id))).toEqual([]);
    await expectNextResets(matrix, grown);
    return { told: "", wholeAgainInMs };
  } finally {
    await newcomer.stop(STOP_NEWCOMER_IN_MS);
  }
}

/** As long as the fault stands, with each API's connection to Redis in use, a newcomer's too. */
async function hold(matrix: MatrixFleet, { holdsInMs }: MatrixFault): Promise<void> {
  let leftInMs = holdsInMs;
  while (leftInMs > IDLE_AT_MOST_IN_MS) {
    await pause(IDLE_AT_MOST_IN_MS);
    leftInMs -= IDLE_AT_MOST_IN_MS;
    for (const api of matrix.apis) {
      expect((await matrix.fleet.get("/", { api })).status).toBe(200);
    }
  }
  await pause(leftInMs);
}

/** An API connects to Redis on demand. */
async function startApi({ fleet }: MatrixFleet, fault: MatrixFault): Promise<FleetProcess> {
  const { process } = await fleet.startApi(fault.newcomerEnv);
  expect((await fleet.get("/", { api: fleet.apis.length - 1 })).status).toBe(200);
  return process;
}

function ask(matrix: MatrixFleet): Promise<ResetAnswer> {
  return matrix.fleet.post<RedisResetAnswer>(RESET, { deadline_ms: DEADLINE_IN_MS });
}

/**
 * Delivers the command of a reset once more when all connections are back: it must not close them again. What is delivered
 * twice at once finds nothing left to close.
 * @returns the connections that were closed again.
 */
export async function runRedelivery(matrix: MatrixFleet): Promise<readonly string[]> {
  const before = await settledConnections(matrix);
  const known = await commandIds(matrix);
  await using command = await overhearCommand(matrix);
  const answer = await ask(matrix);
  await expectTruth(matrix, before, answer);
  const after = await settledConnections(matrix);
  await command.deliverAgain();
  await wholeAgain(matrix, Date.now());
  await expectTrueLedgers(matrix, before, { answer, known });
  const standing = await settledConnections(matrix);
  return [...after.keys()].filter((id) => !standing.has(id));
}

async function untilWhole(matrix: MatrixFleet, fault: MatrixFault): Promise<number> {
  await fault.end(matrix);
  return wholeAgain(matrix, Date.now());
}

/** The next reset is complete by each API, and until then nobody has closed a connection, nor opened one. */
async function expectNextResets(matrix: MatrixFleet, standing: Connections): Promise<void> {
  let before = await settledConnections(matrix);
  expect([...before.keys()]).toEqual([...standing.keys()]);
  for (const api of matrix.apis) {
    const answer = await matrix.fleet.post<RedisResetAnswer>(RESET, undefined, { api });
    expect([answer.status, answer.body]).toMatchObject([200, { published: "yes" }]);
    await expectTruth(matrix, before, answer);
    before = await settledConnections(matrix);
  }
}
