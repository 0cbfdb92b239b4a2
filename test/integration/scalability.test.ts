import { describe, expect, it } from "vitest";
import { formatRun } from "../load/scalability/format-table.ts";
import { measureScalability } from "../load/scalability/measure-scalability.ts";
import { renderPicture } from "../load/scalability/render-picture.ts";
import { readPlan } from "../load/scalability/scalability-plan.ts";

describe("the scalability measurement, in short", () => {
  it("loses no job with one worker and with two, disturbs none by draining, and draws what it found", async () => {
    const plan = readPlan([
      "--workers=1,2",
      "--rates=150",
      "--intervals=1000",
      "--modes=force,drain",
      "--seconds=3",
    ]);
    const { runs, ...machine } = await measureScalability(plan, (run) =>
      process.stdout.write(`${formatRun(run)}\n`),
    );
    expect(runs.map(({ workers, mode }) => `${workers} ${mode}`)).toEqual([
      "1 none",
      "1 force",
      "1 drain",
      "2 none",
      "2 force",
      "2 drain",
    ]);
    for (const run of runs) {
      expect(run).toMatchObject({ lost: 0, failed: 0, unknown: 0, completed: run.added });
      expect(run.added).toBeGreaterThan(150);
    }
    const undisturbed = runs.filter(({ mode }) => mode === "none");
    for (const run of undisturbed) {
      expect(run).toMatchObject({ resets: 0, throughput_kept: null, stalled: 0, run_twice: 0 });
    }
    for (const run of runs.filter(({ mode }) => mode !== "none")) {
      expect(run).toMatchObject({ resets: 3, partial_resets: 0 });
      expect(run.throughput_kept).toBeGreaterThan(0);
      // Each worker's three and the feeder's two come back after each reset, the last ones perhaps after the span.
      const back = run.resets * (3 * run.workers + 2);
      expect(run.connections_per_second * 3).toBeGreaterThan(back / 2);
    }
    for (const run of runs.filter(({ mode }) => mode === "drain")) {
      expect(run).toMatchObject({ stalled: 0, run_twice: 0 });
    }
    const picture = renderPicture({ runs, ...machine });
    expect(picture).toContain("Throughput kept, 150 jobs/s offered");
    expect(picture).toContain("drained every 1 s");
    expect(picture).not.toMatch(/NaN|Infinity|undefined/u);
  }, 240_000);

  it("refuses arguments that it does not understand, by name", () => {
    for (const parameter of [
      "--worker=1",
      "--rates=0",
      "--modes=gentle",
      "--seconds=1.5",
      "fast",
    ]) {
      expect(() => readPlan([parameter])).toThrow(parameter);
    }
  });
});
