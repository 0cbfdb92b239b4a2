import { silentTelemetry, type Telemetry, type TrackedRequest } from "../insights/telemetry.ts";

/** Keeps what it is told. */
export function recordTelemetry() {
  const events: { name: string; within: string | undefined; [property: string]: unknown }[] = [];
  const requests: TrackedRequest[] = [];
  const telemetry: Telemetry = {
    ...silentTelemetry,
    trackEvent: (name, properties, within) =>
      events.push({ ...properties, name, within: within?.traceId }),
    trackRequest: (request) => requests.push(request),
  };
  return { telemetry, events, requests };
}
