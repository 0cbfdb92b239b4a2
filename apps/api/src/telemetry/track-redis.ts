import type { FastifyRequest } from "fastify";
import type { Telemetry } from "@fleetquake/telemetry";

/** Tells how long a request waited for Redis, and whether it got what it asked for; hands both on. */
export async function trackRedis<T>(
  { operation }: FastifyRequest,
  options: {
    readonly telemetry: Telemetry;
    /** What was asked for. */
    readonly name: string;
    readonly run: () => Promise<T>;
  },
): Promise<T> {
  const startedAtInMs = performance.now();
  let succeeded = false;
  try {
    const result = await options.run();
    succeeded = true;
    return result;
  } finally {
    options.telemetry.trackDependency({
      name: options.name,
      type: "redis",
      target: "redis",
      parent: operation.step,
      durationInMs: performance.now() - startedAtInMs,
      succeeded,
    });
  }
}
