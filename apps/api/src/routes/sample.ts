import type { FastifyInstance } from "fastify";
import type { SampleAnswer } from "@fleetquake/contract";
import { ProblemError } from "../problems/problem-error.ts";
import { readSample } from "../sample/read-sample.ts";
import { trackRedis } from "../telemetry/track-redis.ts";
import { timestamp, type RouteOptions } from "./route-options.ts";

/** `GET /`: the sample application, which shows what a reset does to a user of Redis. */
export function registerSample(
  app: FastifyInstance,
  { store, clock, telemetry }: RouteOptions,
): void {
  app.get("/", async (request): Promise<SampleAnswer> => {
    const message = "Hello from Fleetquake";
    const now = timestamp(clock);
    if (store === null) {
      return { message, redis_data: "Redis unavailable", timestamp: now };
    }
    try {
      const data = await trackRedis(request, {
        telemetry,
        name: "read sample",
        run: () => readSample(store, now),
      });
      return { message, redis_data: data, timestamp: now };
    } catch (error) {
      request.log.warn({ err: error }, "sample-failed");
      const cause = error instanceof Error ? error.message : "unknown";
      throw new ProblemError("REDIS_OPERATION_FAILED", `Redis operation failed: ${cause}`, {
        cause: error,
      });
    }
  });
}
