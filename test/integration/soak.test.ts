import { describe, expect, it } from "vitest";
import { measureSoak } from "../load/soak/measure-soak.ts";
import { readSoakPlan } from "../load/soak/soak-plan.ts";
import { complaintsOf, type SoakResult } from "../load/soak/soak-result.ts";

const WORKERS = process.env["FLEETQUAKE_TEST_SIZE"] === "full" ? 20 : 8;

describe("the soak, for a minute", () => {
  it("leaves every ledger entry complete, every job done, memory flat and nothing unhandled", async () => {
    const plan = readSoakPlan(["--seconds=60", `--workers=${WORKERS}`, "--rate=50"]);
    const result = await measureSoak(plan, (line) => process.stdout.write(`${line}\n`));
    process.stdout.write(`${JSON.stringify(result)}\n`);
    expect(complaintsOf(result)).toEqual([]);
    expect(result).toMatchObject({ resets: 60, workers: WORKERS });
    // The workers' three each and the API's, had each of them been back every time.
    expect(result.connections_closed).toBeGreaterThan((60 * (3 * WORKERS + 1)) / 2);
  }, 240_000);
});

describe("what is wrong with a soak", () => {
  const fine: SoakResult = {
    seconds: 60,
    workers: 1,
    resets: 60,
    connections_closed: 240,
    refused: {},
    incomplete: [],
    jobs: { added: 9, completed: 9, lost: 0, failed: 0, unknown: 0 },
    memory: [],
    unhandled: [],
    ended: [],
  };
  const grown = {
    kind: "API",
    process: "api-1",
    middle_third_mb: 100,
    last_third_mb: 130,
    growth: 1.3,
  } as const;

  it.each<[Partial<SoakResult>, string]>([
    [{ refused: { 207: 2 } }, "2 resets answered 207"],
    [{ incomplete: ["01M8"] }, "command 01M8"],
    [{ jobs: { ...fine.jobs, completed: 8 } }, "1 jobs did not complete"],
    [{ jobs: { ...fine.jobs, lost: 1 } }, '"lost":1'],
    [{ memory: [grown] }, "api-1 grew to 1.30"],
    [{ memory: [{ ...grown, growth: Number.NaN }] }, "api-1"],
    [{ unhandled: ["UnhandledPromiseRejection"] }, "UnhandledPromiseRejection"],
    [{ ended: ["worker-1"] }, "worker-1 is gone"],
  ])("is said: %j", (part, complaint) => {
    expect(complaintsOf(fine)).toEqual([]);
    expect(complaintsOf({ ...fine, ...part }).join("\n")).toContain(complaint);
  });

  it("is stricter once the processes are warm", () => {
    const memory = [{ ...grown, growth: 1.15 }];
    expect(complaintsOf({ ...fine, memory })).toEqual([]);
    expect(complaintsOf({ ...fine, memory, seconds: 600 })).toHaveLength(1);
  });

  it("is an argument that nobody understands, by name", () => {
    for (const parameter of ["--second=1", "--seconds=1", "--workers=65", "--rate=x", "fast"]) {
      expect(() => readSoakPlan([parameter])).toThrow(parameter);
    }
  });
});
