import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { parseTraceparent, type TraceContext } from "@fleetquake/contract";
import { beginStep } from "@fleetquake/telemetry";

/** A request as a step of an operation. */
export interface RequestStep {
  readonly step: TraceContext;
  /** What the caller's `traceparent` named; null: the operation begins here. */
  readonly parent: TraceContext | null;
}

declare module "fastify" {
  interface FastifyRequest {
    /** The operation that the request is part of: its caller's, or a new one. */
    readonly operation: RequestStep;
  }
}

/** Gives every request its `operation`. */
export function registerSteps(app: FastifyInstance): void {
  const known = new WeakMap<IncomingMessage, RequestStep>();
  app.decorateRequest("operation", {
    getter() {
      const before = known.get(this.raw);
      if (before !== undefined) {
        return before;
      }
      const parent = parseTraceparent(this.headers["traceparent"]);
      const operation = { step: beginStep(parent), parent };
      known.set(this.raw, operation);
      return operation;
    },
  });
}
