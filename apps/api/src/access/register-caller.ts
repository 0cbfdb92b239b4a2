import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { anonymousCaller, type Caller } from "./caller.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who sent the request, for records: what the doorkeeper found out; of role `none` until it has. */
    readonly caller: Caller;
  }
}

/** Keeps who sent which request. */
export type KnownCallers = WeakMap<IncomingMessage, Caller>;

/** Gives every request its `caller`. */
export function registerCaller(app: FastifyInstance): KnownCallers {
  const known: KnownCallers = new WeakMap();
  app.decorateRequest("caller", {
    getter() {
      return known.get(this.raw) ?? anonymousCaller(this.ip, "none");
    },
  });
  return known;
}
