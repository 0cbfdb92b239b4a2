import type { FastifyInstance } from "fastify";
import { refuseQuery } from "../validation/query-reader.ts";
import type { RouteOptions } from "./route-options.ts";

/** `GET /metrics`: the fleet in Prometheus's text format, from memory; and counts every request that was answered. */
export function registerMetrics(
  app: FastifyInstance,
  { metrics }: Pick<RouteOptions, "metrics">,
): void {
  app.addHook("onResponse", (request, reply, done) => {
    metrics.countRequest({
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      durationInMs: reply.elapsedTime,
    });
    done();
  });

  app.get("/metrics", async (request, reply): Promise<string> => {
    refuseQuery(request.query);
    void reply.type(metrics.contentType);
    return metrics.render();
  });
}
