import { beginStep, type Telemetry } from "@fleetquake/telemetry";

/** How a job tells of the part of it that is Redis's. */
export type TrackRedis = <T>(run: () => Promise<T>) => Promise<T>;

/** Runs a job and tells how long it took and whether it failed, each as an operation of its own. */
export async function trackJob<T>(
  job: { readonly id?: string | undefined; readonly queueName: string },
  telemetry: Telemetry,
  run: (trackRedis: TrackRedis) => Promise<T>,
): Promise<T> {
  const step = beginStep(null);
  const startedAtInMs = performance.now();
  const tell = (succeeded: boolean): void =>
    telemetry.trackRequest({
      name: `job ${job.queueName}`,
      step,
      parent: null,
      durationInMs: performance.now() - startedAtInMs,
      succeeded,
      properties: { job: job.id },
    });
  try {
    const result = await run((ofRedis) => trackRedis(ofRedis, { telemetry, parent: step }));
    tell(true);
    return result;
  } catch (error) {
    tell(false);
    telemetry.trackException(error, { job: job.id }, step);
    throw error;
  }
}

async function trackRedis<T>(
  run: () => Promise<T>,
  {
    telemetry,
    parent,
  }: { readonly telemetry: Telemetry; readonly parent: ReturnType<typeof beginStep> },
): Promise<T> {
  const startedAtInMs = performance.now();
  let succeeded = false;
  try {
    const result = await run();
    succeeded = true;
    return result;
  } finally {
    telemetry.trackDependency({
      name: "do the work of a job",
      type: "redis",
      target: "redis",
      parent,
      durationInMs: performance.now() - startedAtInMs,
      succeeded,
    });
  }
}
