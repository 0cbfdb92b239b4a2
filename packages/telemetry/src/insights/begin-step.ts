import { randomBytes } from "node:crypto";
import type { TraceContext } from "@fleetquake/contract";

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** A new step: of the operation that it goes on from, or of one that begins with it. */
export function beginStep(parent: TraceContext | null): TraceContext {
  return {
    traceId: parent?.traceId ?? randomBytes(TRACE_ID_BYTES).toString("hex"),
    spanId: randomBytes(SPAN_ID_BYTES).toString("hex"),
  };
}
