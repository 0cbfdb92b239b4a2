import type { FastifyInstance } from "fastify";
import { createServer, type CreateServerOptions } from "./create-server.ts";
import type { RouteOptions } from "./routes/route-options.ts";
import { registerRoutes } from "./register-routes.ts";

/** What an API is made of. */
export type CreateAppOptions = CreateServerOptions & RouteOptions;

/** Makes the API, ready to listen or to be asked with `inject`; it closes nothing that it was given. */
export function createApp(options: CreateAppOptions): FastifyInstance {
  const app = createServer(options);
  registerRoutes(app, options);
  return app;
}
