import type { ReplicaReport } from "@fleetquake/replica";
import { beginStep } from "../insights/begin-step.ts";
import type { Telemetry } from "../insights/telemetry.ts";
import { recoveryProperties } from "./recovery-properties.ts";

/**
 * Tells what this process did for a command and how it came back from it, as steps of the command's operation: the
 * command as a request that came over the bus, and below it the close and the reconnect as events.
 */
export class ReplicaEvents {
  readonly #telemetry: Telemetry;
  /** The step of the last command, of which the recovery is told. */
  #last: { readonly commandId: string; readonly step: ReturnType<typeof beginStep> } | null = null;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** Takes a report of the agent's. */
  onReport(report: ReplicaReport): void {
    switch (report.kind) {
      case "acknowledgement":
        this.#answered(report);
        break;
      case "recovery":
        this.#recovered(report);
        break;
      default:
        report satisfies never;
    }
  }

  #answered({
    fault,
    action,
    acknowledgement,
    trace,
  }: Extract<ReplicaReport, { readonly kind: "acknowledgement" }>): void {
    const { command_id, replica_id, instance_id, role, state, duration_ms } = acknowledgement;
    const step = beginStep(trace);
    this.#last = { commandId: command_id, step };
    const properties = { command_id, replica_id, instance_id, role, state };
    this.#telemetry.trackRequest({
      name: `${fault} ${action}`,
      step,
      parent: trace,
      durationInMs: duration_ms,
      succeeded: state === "acknowledged",
      isAlwaysSent: true,
      properties,
    });
    const isClose = fault === "redis-reset" && state === "acknowledged";
    const { coverage, connections_closed, connecting_aborted, closed_by, error } = acknowledgement;
    this.#telemetry.trackEvent(
      isClose ? "redis-connections-closed" : "command-answered",
      {
        ...properties,
        fault,
        action,
        duration_ms,
        ...(isClose
          ? { coverage, connections_closed, connecting_aborted, closed_by }
          : { error: error?.code }),
      },
      step,
    );
  }

  #recovered({ recovery, trace }: Extract<ReplicaReport, { readonly kind: "recovery" }>): void {
    const last = this.#last;
    const within = last?.commandId === recovery.command_id ? last.step : trace;
    const isBack = recovery.all_back_ms !== null;
    this.#telemetry.trackEvent(
      isBack ? "redis-connections-back" : "redis-connections-missing",
      recoveryProperties(recovery),
      within,
    );
  }
}
