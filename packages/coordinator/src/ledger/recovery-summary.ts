import type { RecoveryBody, RecoverySummary } from "@fleetquake/contract";
import type { LedgerRow } from "./ledger-row.ts";
import { percentiles } from "./percentiles.ts";

type RecoverySpan =
  | "socket_recovered_ms"
  | "all_back_ms"
  | "command_recovered_ms"
  | "work_recovered_ms";

/** How the fleet came back; null until a replica has reported. */
export function recoverySummary(rows: readonly LedgerRow[]): RecoverySummary | null {
  const reports = rows.flatMap((row) => (row.recovery === null ? [] : [row.recovery]));
  if (reports.length === 0) {
    return null;
  }
  return {
    socket_recovered_ms: percentilesOf(reports, "socket_recovered_ms"),
    all_back_ms: percentilesOf(reports, "all_back_ms"),
    command_recovered_ms: percentilesOf(reports, "command_recovered_ms"),
    work_recovered_ms: percentilesOf(reports, "work_recovered_ms"),
    not_back: rows.filter((row) => isMissing(row)).map((row) => row.replicaId),
  };
}

function percentilesOf(reports: readonly RecoveryBody[], span: RecoverySpan) {
  return percentiles(
    reports.flatMap((report) => {
      const spanInMs = report[span];
      return spanInMs === null ? [] : [spanInMs];
    }),
  );
}

/** Without a report nothing shows that what was closed is back. */
function isMissing(row: LedgerRow): boolean {
  if (row.recovery !== null) {
    return row.recovery.all_back_ms === null && row.recovery.connections_expected > 0;
  }
  return (row.answer?.body.connections_closed ?? 0) > 0;
}
