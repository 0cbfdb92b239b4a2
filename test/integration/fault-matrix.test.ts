import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MATRIX_FAULTS, type MatrixFaultName } from "../support/matrix/bus-faults.ts";
import { footprintsAfter, quietFootprints, type Footprint } from "../support/matrix/footprint.ts";
import { startMatrixFleet, type MatrixFleet } from "../support/matrix/matrix-fleet.ts";
import { runCell, runRedelivery, type MatrixPhase } from "../support/matrix/run-cell.ts";

type Cell = readonly [fault: MatrixFaultName, phase: MatrixPhase, strikesAfterInMs: number];

const IS_FULL = process.env["FLEETQUAKE_TEST_SIZE"] === "full";
const PHASES = ["reset", "idle", "start of a worker", "start of an API"] as const;

/** Each fault once, and each phase. */
const SHORT: readonly Cell[] = [
  ["frozen", "idle", 0],
  ["killedFor1s", "start of a worker", 0],
  ["dropped", "reset", 12],
  ["deletedOfReplica", "reset", 0],
  ["deletedOfApi", "reset", 5],
  ["duplicated", "reset", 0],
  ["reordered", "start of an API", 0],
  ["delayed", "reset", 0],
  ["throttled", "idle", 0],
  ["receiptsLost", "reset", 0],
  ["clockAhead", "reset", 0],
];

/** Before the command is published, while it is, and when some have answered. */
const MOMENTS_OF_A_RESET_IN_MS = [0, 8, 14, 20] as const;
/** A fault that stands for longer strikes at one of them. */
const SWEPT_UP_TO_IN_MS = 8_000;

const FAULT_NAMES = Object.keys(MATRIX_FAULTS).filter(
  (name): name is MatrixFaultName => name in MATRIX_FAULTS,
);

/** Resident memory varies with the moment of the last garbage collection. */
const MEMORY_RATIO = 1.5;
const TEST_TIMEOUT_IN_MS = 180_000;
/** The short form shares the machine with other files, the full one has it for itself (vitest.config.ts). */
const PATIENCE = IS_FULL ? 1 : 3;

describe("a fleet of 2 APIs and 5 workers whose bus, or clock, fails", () => {
  let matrix: MatrixFleet;
  let before: readonly Footprint[];

  beforeAll(async () => {
    matrix = await startMatrixFleet();
    before = await quietFootprints(matrix);
  });

  afterAll(async () => {
    await matrix?.[Symbol.asyncDispose]();
  });

  it.each(IS_FULL ? fullCells() : SHORT)(
    "%s during %s (%i ms): true answers and ledgers, nothing closed twice, whole again in time",
    async (name, phase, strikesAfterInMs) => {
      const fault = MATRIX_FAULTS[name];
      const { told, wholeAgainInMs } = await runCell(matrix, fault, { phase, strikesAfterInMs });
      const caller = told === "" ? "" : `the caller was told ${told}, `;
      process.stdout.write(
        `${fault.name}, ${phase}: ${caller}whole again after ${wholeAgainInMs} ms\n`,
      );
      expect(wholeAgainInMs).toBeLessThan(PATIENCE * fault.wholeWithinInMs);
    },
    TEST_TIMEOUT_IN_MS,
  );

  it("does not close the connections that are back when its command is delivered again", async () => {
    expect(await runRedelivery(matrix)).toEqual([]);
  });

  it("holds no more handles after all of it than before, and as much memory", async () => {
    const after = await footprintsAfter(matrix, before);
    expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
    for (const [index, { name, residentInMb, ...handles }] of after.entries()) {
      const was = before[index];
      process.stdout.write(
        `${name}: ${was?.sockets} then ${handles.sockets} sockets, ${was?.residentInMb} then ${residentInMb} MB\n`,
      );
      expect([name, handles.sockets]).toEqual([name, expect.toSatisfy(atMost(was?.sockets))]);
      expect([name, handles.files]).toEqual([name, expect.toSatisfy(atMost(was?.files))]);
      expect([name, handles.threads]).toEqual([name, expect.toSatisfy(atMost(was?.threads))]);
      const mostInMb = MEMORY_RATIO * (was?.residentInMb ?? 0);
      expect([name, residentInMb]).toEqual([name, expect.toSatisfy(atMost(mostInMb))]);
    }
  });
});

function atMost(bound = 0): (value: number) => boolean {
  return (value) => value <= bound;
}

/** Every fault in every phase. */
function fullCells(): readonly Cell[] {
  return FAULT_NAMES.flatMap((name) =>
    PHASES.flatMap((phase) =>
      momentsOf(name, phase).map((moment) => [name, phase, moment] as const),
    ),
  );
}

function momentsOf(name: MatrixFaultName, phase: MatrixPhase): readonly number[] {
  const { strikesIntoReset, holdsInMs } = MATRIX_FAULTS[name];
  if (phase !== "reset" || !strikesIntoReset) {
    return [0];
  }
  return holdsInMs < SWEPT_UP_TO_IN_MS ? MOMENTS_OF_A_RESET_IN_MS : [14];
}
