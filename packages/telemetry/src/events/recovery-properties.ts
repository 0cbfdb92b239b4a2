import type { RecoveryBody } from "@fleetquake/contract";
import type { TelemetryProperties } from "../insights/telemetry.ts";

/** What events tell of a recovery. A report from the bus may have more: its sender may be newer, or somebody else. */
export const RECOVERY_MEMBERS = [
  "command_id",
  "replica_id",
  "instance_id",
  "connections_expected",
  "connections_back",
  "socket_recovered_ms",
  "all_back_ms",
  "command_recovered_ms",
  "work_recovered_ms",
  "reconnect_attempts",
  "errors_seen",
  "finished",
  "observed_ms",
] as const satisfies readonly (keyof RecoveryBody)[];

/** These, and nothing else of it. */
export function recoveryProperties(recovery: RecoveryBody): TelemetryProperties {
  return Object.fromEntries(RECOVERY_MEMBERS.map((member) => [member, recovery[member]]));
}
