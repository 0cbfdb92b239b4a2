import { silentTelemetry, type Telemetry, type TrackedRequest } from "../insights/telemetry.ts";
import { INSIGHTS_EVENTS, type EventDescription } from "./event-table.ts";

/** Keeps what it is told; @throws for an event, or a member of one, that the table of events does not have. */
export function recordTelemetry() {
  const events: { name: string; within: string | undefined; [property: string]: unknown }[] = [];
  const requests: TrackedRequest[] = [];
  const telemetry: Telemetry = {
    ...silentTelemetry,
    trackEvent: (name, properties, within) => {
      hold(name, Object.keys(properties));
      events.push({ ...properties, name, within: within?.traceId });
    },
    trackRequest: (request) => requests.push(request),
  };
  return { telemetry, events, requests };
}

/** A command's own parameters stand beside the members of its request. */
const PARAMETERS = ["force", "drain_timeout_ms"];

function hold(name: string, members: readonly string[]): void {
  const table = new Map<string, EventDescription>(Object.entries(INSIGHTS_EVENTS));
  const ofCommand = name.replace(/^.*-(?=(requested|completed|partial)$)/u, "<command>-");
  const known = new Set([...(table.get(ofCommand)?.members ?? []), ...PARAMETERS]);
  const unknown = members.filter((member) => !known.has(member));
  if (!table.has(ofCommand) || unknown.length > 0) {
    throw new Error(`EVENTS.md does not have ${name} with ${unknown.join(", ")}`);
  }
}
