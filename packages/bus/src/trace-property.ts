import { formatTraceparent, type TraceContext } from "@fleetquake/contract";
import type { EncodedMessage } from "./message-body.ts";

/**
 * The application property that says which operation a command is part of: `traceparent`, as W3C Trace Context names it
 * for AMQP. It stands beside the body, which is strict: an agent that does not know it never looks, and a signature does
 * not cover it. So it must decide nothing but what telemetry and logs say.
 */
export const TRACE_PROPERTY = "traceparent";

/** The message with its operation as an application property. */
export function withTrace(message: EncodedMessage, trace: TraceContext): EncodedMessage {
  const applicationProperties = {
    ...message.applicationProperties,
    [TRACE_PROPERTY]: formatTraceparent(trace),
  };
  return { ...message, applicationProperties };
}
