import { availableParallelism } from "node:os";
import { Redis } from "ioredis";
import { startFeedingApp } from "../../support/start-feeding-app.ts";
import { startFleet } from "../../support/start-fleet.ts";
import { measureRun, type MeasuredFleet, type RunOrder } from "./measure-run.ts";
import type { ScalabilityPlan } from "./scalability-plan.ts";
import type { ScalabilityResult, ScalabilityRun } from "./scalability-result.ts";

/** Every run of a plan, in turn; `onRun` hears of each as soon as it is over. */
export async function measureScalability(
  plan: ScalabilityPlan,
  onRun: (run: ScalabilityRun) => void = () => undefined,
): Promise<ScalabilityResult> {
  const runs: ScalabilityRun[] = [];
  for (const workers of plan.workers) {
    for await (const run of measureFleet(plan, workers)) {
      runs.push(run);
      onRun(run);
    }
  }
  return {
    measured_at: new Date().toISOString(),
    node: process.version,
    cores: availableParallelism(),
    plan,
    runs,
  };
}

async function* measureFleet(
  plan: ScalabilityPlan,
  workers: number,
): AsyncGenerator<ScalabilityRun, void> {
  await using fleet = await startFleet({
    replicas: workers,
    env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0" },
  });
  await using feeder = await startFeedingApp(fleet);
  const observer = new Redis(fleet.redisUrl, { connectionName: "scalability-observer" });
  observer.on("error", () => undefined);
  try {
    const measured: MeasuredFleet = { fleet, feeder, observer, workers };
    for (const jobsPerSecond of plan.jobsPerSecond) {
      yield* measureRate(measured, { plan, jobsPerSecond });
    }
  } finally {
    observer.disconnect();
  }
}

/** The run without resets first: what the others are held against was measured in the same minute. */
async function* measureRate(
  measured: MeasuredFleet,
  { plan, jobsPerSecond }: { readonly plan: ScalabilityPlan; readonly jobsPerSecond: number },
): AsyncGenerator<ScalabilityRun, void> {
  const { spanInMs } = plan;
  const undisturbed = await measureRun(measured, { jobsPerSecond, spanInMs, resets: null });
  yield undisturbed;
  for (const resets of resetOrders(plan)) {
    const run = await measureRun(measured, { jobsPerSecond, spanInMs, resets });
    const kept = run.completed_per_second / undisturbed.completed_per_second;
    yield { ...run, throughput_kept: kept };
  }
}

function resetOrders(plan: ScalabilityPlan): readonly NonNullable<RunOrder["resets"]>[] {
  return plan.modes.flatMap((mode) =>
    plan.resetIntervalsInMs.map((intervalInMs) => ({ mode, intervalInMs })),
  );
}
