import type { FastifyInstance } from "fastify";
import { registerCancelCommand } from "./routes/cancel-command.ts";
import { registerCommands } from "./routes/commands.ts";
import { registerDocumentation } from "./routes/documentation.ts";
import { registerEvents } from "./routes/events.ts";
import { registerHalt } from "./routes/halt.ts";
import { registerHang } from "./routes/hang.ts";
import { registerHealth } from "./routes/health.ts";
import { registerLoad } from "./routes/load.ts";
import { registerMetrics } from "./routes/metrics.ts";
import { registerRedisBlock } from "./routes/redis-block.ts";
import { registerRedisReset } from "./routes/redis-reset.ts";
import { registerRedisTokenExpiry } from "./routes/redis-token-expiry.ts";
import { registerReplicas } from "./routes/replicas.ts";
import type { RouteOptions } from "./routes/route-options.ts";
import { registerSample } from "./routes/sample.ts";
import { registerStatus } from "./routes/status.ts";
import { registerTelemetry } from "./telemetry/register-telemetry.ts";

/** Puts every route on a server. */
export function registerRoutes(app: FastifyInstance, options: RouteOptions): void {
  // First, since it counts the requests of the routes behind it.
  registerMetrics(app, options);
  registerTelemetry(app, options);
  registerSample(app, options);
  registerHealth(app, options);
  registerRedisReset(app, options);
  registerLoad(app, options);
  registerHang(app, options);
  registerRedisBlock(app, options);
  registerRedisTokenExpiry(app, options);
  registerHalt(app, options);
  registerStatus(app, options);
  registerReplicas(app, options);
  registerCommands(app, options);
  registerCancelCommand(app, options);
  registerEvents(app, options);
  registerDocumentation(app);
}
