import type { ScalabilityRun } from "./scalability-result.ts";

const COLUMNS = [
  ["workers", (run) => `${run.workers}`],
  ["jobs/s", (run) => `${run.jobs_per_second}`],
  ["reset", (run) => describeResets(run)],
  ["done/s", (run) => run.completed_per_second.toFixed(0)],
  ["kept", (run) => describe(run.throughput_kept, (kept) => `${(kept * 100).toFixed(0)} %`)],
  ["back p50 ms", (run) => describe(run.recovery_p50_ms, (span) => span.toFixed(0))],
  ["back max ms", (run) => describe(run.recovery_max_ms, (span) => span.toFixed(0))],
  ["conn/s", (run) => run.connections_per_second.toFixed(1)],
  ["added", (run) => `${run.added}`],
  ["lost", (run) => `${run.lost}`],
  ["twice", (run) => `${run.run_twice}`],
  ["stalled", (run) => `${run.stalled}`],
  ["unknown", (run) => `${run.unknown}`],
] as const satisfies readonly (readonly [string, (run: ScalabilityRun) => string])[];

const WIDTHS = COLUMNS.map(([title]) => Math.max(title.length, 6));
const RESET_WIDTH = 16;

/** The table's first line. */
export function formatHeader(): string {
  return formatLine(COLUMNS.map(([title]) => title));
}

/** One run as a line of the table. */
export function formatRun(run: ScalabilityRun): string {
  return formatLine(COLUMNS.map(([, read]) => read(run)));
}

function formatLine(cells: readonly string[]): string {
  return cells
    .map((cell, index) =>
      COLUMNS[index]?.[0] === "reset"
        ? cell.padEnd(RESET_WIDTH)
        : cell.padStart(WIDTHS[index] ?? 0),
    )
    .join("  ");
}

function describeResets({ mode, reset_interval_ms: intervalInMs, resets }: ScalabilityRun): string {
  return intervalInMs === null ? "none" : `${mode} ${intervalInMs} ms x${resets}`;
}

function describe(value: number | null, format: (value: number) => string): string {
  return value === null ? "-" : format(value);
}
