import { LOAD_LEVELS, type LoadLevel } from "@fleetquake/contract";
import { FaultRefusedError } from "@fleetquake/replica";
import { describe, expect, it } from "vitest";
import type { MemoryRoom } from "./limits/memory-room.ts";
import { planLoad } from "./plan-load.ts";

const MB = 1024 * 1024;

function container(limitInMb: number, workingSetInMb: number): MemoryRoom {
  return {
    of: "container",
    limitInBytes: limitInMb * MB,
    workingSetInBytes: workingSetInMb * MB,
  };
}

function plan(level: LoadLevel, cpuQuotaInCores: number | null, memory: MemoryRoom | null = null) {
  return planLoad(level, { cpuQuotaInCores, memory });
}

/** The error that a plan is turned down with. */
function refusal(level: LoadLevel, memory: MemoryRoom): unknown {
  try {
    return plan(level, null, memory);
  } catch (error) {
    return error;
  }
}

describe("the plan of a load", () => {
  it.each([null, 1, 2.5])("takes its share of one core with a quota of %s", (quota) => {
    expect(LOAD_LEVELS.map((level) => plan(level, quota))).toEqual([
      { cpu_cores: 0.3, memory_mb: 100, limited_by: null },
      { cpu_cores: 0.6, memory_mb: 500, limited_by: null },
      { cpu_cores: 0.9, memory_mb: 1_000, limited_by: null },
    ]);
  });

  it.each([
    [0.5, [0.15, 0.3, 0.45]],
    [0.75, [0.225, 0.45, 0.675]],
    [0.01, [0.003, 0.006, 0.009]],
  ])("takes its share of a quota of %s cores, and says so", (quota, cores) => {
    const plans = LOAD_LEVELS.map((level) => plan(level, quota));
    expect(plans.map(({ cpu_cores }) => cpu_cores)).toEqual(cores);
    expect(plans.map(({ limited_by }) => limited_by)).toEqual(Array(3).fill("cpu-quota"));
  });

  it("takes what a limit leaves, to the last byte, and not a byte more", () => {
    expect(plan("medium", null, container(1_000, 400)).memory_mb).toBe(500);
    const room = { ...container(1_000, 400), workingSetInBytes: 400 * MB + 1 };
    expect(refusal("medium", room)).toBeInstanceOf(FaultRefusedError);
  });

  it("is refused with the figures where the memory is not there", () => {
    expect(refusal("high", container(512, 180))).toMatchObject({
      code: "INSUFFICIENT_MEMORY",
      message:
        "The load wants 1000 MB of memory, but 280 MB may be used: of the container's 512 MB, 180 MB are in use " +
        "(the working set) and 51 MB (10 %) stay free",
    });
  });

  it("says that nothing may be used when the reserve is in use already", () => {
    expect(refusal("low", container(512, 500))).toMatchObject({
      message: expect.stringContaining("but 0 MB may be used"),
    });
  });
});
