import { drawChart, drawKey, text, type Look, type Series } from "./draw-chart.ts";
import type { ResetMode, ScalabilityPlan } from "./scalability-plan.ts";
import type { ScalabilityResult, ScalabilityRun } from "./scalability-result.ts";

const CHART = { width: 460, height: 230 } as const;
const EDGE = 20;
const HEAD = 118;

const MODES: Readonly<
  Record<ResetMode, { readonly color: string; readonly marker: Look["marker"] }>
> = {
  force: { color: "#c2410c", marker: "square" },
  drain: { color: "#1d4ed8", marker: "circle" },
};
const DASHES = ["", "7 4", "2 3", "10 3 2 3"] as const;

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
    unit: "ms from close to finished job",
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
  const { plan, runs } = result;
  const width = 2 * EDGE + Math.max(2, plan.jobsPerSecond.length) * CHART.width;
  const height = HEAD + FIGURES.length * CHART.height + EDGE;
  const charts = FIGURES.flatMap((figure, row) =>
    plan.jobsPerSecond.map((rate, column) =>
      drawChart(
        {
          title: `${figure.title}, ${rate.toLocaleString("en-US")} jobs/s offered`,
          yTitle: figure.unit,
          xTitle: "workers",
          xs: plan.workers,
          leastTop: figure.leastTop,
          series: seriesOf(result, (run) =>
            run.jobs_per_second === rate ? figure.read(run) : null,
          ),
        },
        { left: EDGE + column * CHART.width, top: HEAD + row * CHART.height, ...CHART },
      ),
    ),
  );
  const sum = (read: (run: ScalabilityRun) => number): string =>
    runs.reduce((total, run) => total + read(run), 0).toLocaleString("en-US");
  const facts =
    `${sum((run) => run.lost)} of ${sum((run) => run.added)} jobs lost in ${sum((run) => run.resets)} resets; ` +
    `each run ${plan.spanInMs / 1_000} s; ${result.cores} cores, Node ${result.node}, ${result.measured_at}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    "<style>text{font:12px system-ui,sans-serif;fill:#1f2937}.title{font-weight:600}.heading{font-size:18px;font-weight:600}.grid{stroke:#d1d5db;stroke-width:1}</style>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text("What resets of the whole fleet cost a queue", {
      x: EDGE,
      y: 32,
      anchor: "start",
      style: "heading",
    }),
    text(facts, { x: EDGE, y: 54, anchor: "start" }),
    ...drawLegend(result),
    ...charts,
    "</svg>",
    "",
  ].join("\n");
}

function seriesOf(
  { plan, runs }: ScalabilityResult,
  read: (run: ScalabilityRun) => number | null,
): readonly Series[] {
  return waysToReset(plan).map(({ mode, intervalInMs, look }) => {
    const points = runs
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
