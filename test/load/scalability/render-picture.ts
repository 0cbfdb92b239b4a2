import { drawChart, drawKey, text, type Look, type Series } from "./draw-chart.ts";
import type { ResetMode, ScalabilityPlan } from "./scalability-plan.ts";
import type { ScalabilityResult, ScalabilityRun } from "./scalability-result.ts";

const CHART = { leastWidth: 460, height: 230 } as const;
const LEAST_COLUMNS = 2;
const EDGE = 20;
const HEAD = 118;

const MODES: Readonly<
  Record<ResetMode, { readonly color: string; readonly marker: Look["marker"] }>
> = {
  force: { color: "#c2410c", marker: "square" },
  drain: { color: "#1d4ed8", marker: "circle" },
};
const DASHES = ["", "7 4", "2 3", "10 3 2 3"] as const;

const STYLE = [
  "text{font:12px system-ui,sans-serif;fill:#1f2937}",
  ".title{font-weight:600}",
  ".heading{font-size:18px;font-weight:600}",
  ".grid{stroke:#d1d5db;stroke-width:1}",
].join("");

/** A row of charts. */
interface Figure {
  readonly title: string;
  readonly unit: string;
  readonly leastTop: number;
  readonly read: (run: ScalabilityRun) => number | null;
}

const FIGURES: readonly Figure[] = [
  {
    title: "Throughput kept",
    unit: "% of the run without resets",
    leastTop: 100,
    read: ({ throughput_kept: kept }) => (kept === null ? null : kept * 100),
  },
  {
    title: "Recovery of a worker, median",
    unit: "ms until jobs are done again",
    leastTop: 100,
    read: (run) => run.recovery_p50_ms,
  },
  {
    title: "Jobs stalled or run twice",
    unit: "jobs in 1,000",
    leastTop: 4,
    read: (run) => ((run.stalled + run.run_twice) / run.added) * 1_000,
  },
  {
    title: "Connections accepted by Redis",
    unit: "connections a second",
    leastTop: 4,
    read: (run) => run.connections_per_second,
  },
];

/** A self-contained SVG: a column of charts for each rate, a row for each figure, a line for each way to reset. */
export function renderPicture(result: ScalabilityResult): string {
  const columns = result.plan.jobsPerSecond.length;
  const chartWidth = CHART.leastWidth * Math.max(1, LEAST_COLUMNS / columns);
  const width = 2 * EDGE + columns * chartWidth;
  const height = HEAD + FIGURES.length * CHART.height + EDGE;
  const title = "What resets of the whole fleet cost a queue";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<style>${STYLE}</style>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(title, { x: EDGE, y: 32, anchor: "start", style: "heading" }),
    text(describeResult(result), { x: EDGE, y: 54, anchor: "start" }),
    ...drawLegend(result),
    ...drawCharts(result, chartWidth),
    "</svg>",
    "",
  ].join("\n");
}

function describeResult({ plan, runs, cores, node, measured_at: at }: ScalabilityResult): string {
  const sum = (read: (run: ScalabilityRun) => number): string =>
    runs.reduce((total, run) => total + read(run), 0).toLocaleString("en-US");
  return (
    `${sum((run) => run.lost)} of ${sum((run) => run.added)} jobs lost in ${sum((run) => run.resets)} resets; ` +
    `each run ${plan.spanInMs / 1_000} s; ${cores} cores, Node ${node}, ${at}`
  );
}

function drawCharts(result: ScalabilityResult, width: number): readonly string[] {
  const { jobsPerSecond, workers } = result.plan;
  return FIGURES.flatMap(({ title, unit, leastTop, read }, row) =>
    jobsPerSecond.map((rate, column) => {
      const chart = {
        title: `${title}, ${rate.toLocaleString("en-US")} jobs/s offered`,
        yTitle: unit,
        xTitle: "workers",
        xs: workers,
        leastTop,
        series: seriesOf(result, { rate, read }),
      };
      const { height } = CHART;
      return drawChart(chart, {
        left: EDGE + column * width,
        top: HEAD + row * height,
        width,
        height,
      });
    }),
  );
}

function seriesOf(
  { plan, runs }: ScalabilityResult,
  { rate, read }: { readonly rate: number; readonly read: Figure["read"] },
): readonly Series[] {
  return waysToReset(plan).map(({ mode, intervalInMs, look }) => {
    const points = runs
      .filter((run) => run.jobs_per_second === rate)
      .filter((run) => run.mode === mode && run.reset_interval_ms === intervalInMs)
      .map((run) => ({ x: run.workers, y: read(run) }));
    return { look, points };
  });
}

function drawLegend({ plan }: ScalabilityResult): readonly string[] {
  return waysToReset(plan).map(({ mode, intervalInMs, look }, index) => {
    const x = EDGE + (index % 4) * 230;
    const y = 78 + Math.floor(index / 4) * 20;
    const label = `${mode === "force" ? "forced" : "drained"} every ${intervalInMs / 1_000} s`;
    return drawKey(look, x, y) + text(label, { x: x + 42, y: y + 4, anchor: "start" });
  });
}

interface WayToReset {
  readonly mode: ResetMode;
  readonly intervalInMs: number;
  readonly look: Look;
}

function waysToReset(plan: ScalabilityPlan): readonly WayToReset[] {
  return plan.modes.flatMap((mode) =>
    plan.resetIntervalsInMs.map((intervalInMs, index) => {
      const dash = DASHES[index % DASHES.length] ?? "";
      const { color, marker } = MODES[mode];
      return { mode, intervalInMs, look: { color, marker, dash } };
    }),
  );
}
