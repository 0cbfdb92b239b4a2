import type { Context, Span } from "@opentelemetry/api";
import type { TraceContext } from "@fleetquake/contract";

/** The part of a span processor that matters; the SDK's own does the sending. */
export interface StepIds {
  onStart(span: Span, context: Context): void;
  onEnd(): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * Gives a span the ids that its step has had from its beginning, when others were told of it: the SDK makes spans only
 * once a request is over, and would give them ids that nobody has heard of.
 * @param key where the context of the call holds the step
 */
export function createStepIds(key: symbol): StepIds {
  return {
    onStart: (span, context) => {
      const step = context.getValue(key);
      if (isStep(step)) {
        Object.assign(span.spanContext(), { traceId: step.traceId, spanId: step.spanId });
      }
    },
    onEnd: () => undefined,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

function isStep(value: unknown): value is TraceContext {
  return typeof value === "object" && value !== null && "traceId" in value && "spanId" in value;
}
