/** How a line looks. */
export interface Look {
  readonly color: string;
  /** As SVG's stroke-dasharray; empty: solid. */
  readonly dash: string;
  readonly marker: "circle" | "square";
}

/** One line of a chart; a point without a value is left out. */
export interface Series {
  readonly look: Look;
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
}

export interface Chart {
  readonly title: string;
  /** With its unit. */
  readonly yTitle: string;
  readonly xTitle: string;
  /** The values of x, evenly spaced. */
  readonly xs: readonly number[];
  readonly series: readonly Series[];
  /** The axis reaches at least so far. */
  readonly leastTop: number;
}

/** A chart's place in the picture, axes and titles included. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const MARGIN = { left: 62, right: 14, top: 30, bottom: 42 } as const;
const TICKS = 4;
const MARKER = 4;

/** Draws a line chart with axes from zero, a grid and titles, as SVG elements. */
export function drawChart(chart: Chart, place: Place): string {
  const plot = {
    left: place.left + MARGIN.left,
    top: place.top + MARGIN.top,
    width: place.width - MARGIN.left - MARGIN.right,
    height: place.height - MARGIN.top - MARGIN.bottom,
  };
  const values = chart.series.flatMap(({ points }) => points.map(({ y }) => y ?? 0));
  const most = Math.max(chart.leastTop, ...values);
  const step = niceStep(most / TICKS);
  const top = step * Math.ceil(most / step - 0.001);
  const scales: Scales = {
    scaleX: (x) => plot.left + ((chart.xs.indexOf(x) + 0.5) / chart.xs.length) * plot.width,
    scaleY: (y) => plot.top + plot.height * (1 - y / top),
  };
  const middle = plot.left + plot.width / 2;
  const side = { x: place.left + 14, y: round(plot.top + plot.height / 2) };
  const bottom = plot.top + plot.height;
  return [
    text(chart.title, { x: middle, y: place.top + 18, anchor: "middle", style: "title" }),
    ...drawGrid({ plot, step, top, scales }),
    ...chart.xs.map((x) => text(`${x}`, { x: scales.scaleX(x), y: bottom + 20, anchor: "middle" })),
    text(chart.xTitle, { x: middle, y: bottom + 36, anchor: "middle" }),
    `<g transform="rotate(-90 ${side.x} ${side.y})">${text(chart.yTitle, { ...side, anchor: "middle" })}</g>`,
    ...chart.series.map((series) => drawSeries(series, scales)),
  ].join("\n");
}

interface Grid {
  readonly plot: Place;
  readonly step: number;
  readonly top: number;
  readonly scales: Scales;
}

function drawGrid({ plot, step, top, scales }: Grid): readonly string[] {
  return Array.from({ length: Math.round(top / step) + 1 }, (_, index) => {
    const y = scales.scaleY(index * step);
    const end = plot.left + plot.width;
    return (
      `<line class="grid" x1="${plot.left}" x2="${end}" y1="${round(y)}" y2="${round(y)}"/>` +
      text(formatTick(index * step), { x: plot.left - 6, y: y + 4, anchor: "end" })
    );
  });
}

/** A series' line and marker, for a legend. */
export function drawKey({ color, dash, marker }: Look, x: number, y: number): string {
  return (
    `<line x1="${x}" x2="${x + 34}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}"/>` +
    drawMarker(marker, { x: x + 17, y, color })
  );
}

/** Text as an SVG element. */
export function text(
  content: string,
  place: {
    readonly x: number;
    readonly y: number;
    readonly anchor: "start" | "middle" | "end";
    readonly style?: "title" | "heading";
  },
): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const style = place.style === undefined ? "" : ` class="${place.style}"`;
  return `<text${style} x="${round(place.x)}" y="${round(place.y)}" text-anchor="${place.anchor}">${escaped}</text>`;
}

interface Scales {
  readonly scaleX: (x: number) => number;
  readonly scaleY: (y: number) => number;
}

function drawSeries({ look, points }: Series, { scaleX, scaleY }: Scales): string {
  const { color, dash, marker } = look;
  const places = points.flatMap(({ x, y }) => (y === null ? [] : [{ x: scaleX(x), y: scaleY(y) }]));
  const path = places.map(({ x, y }) => `${round(x)},${round(y)}`).join(" ");
  const markers = places.map((place) => drawMarker(marker, { ...place, color }));
  return (
    `<polyline fill="none" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}" points="${path}"/>` +
    markers.join("")
  );
}

/** Circles are hollow and wider than squares: lines that lie on each other can still be told apart. */
function drawMarker(
  marker: Look["marker"],
  { x, y, color }: { readonly x: number; readonly y: number; readonly color: string },
): string {
  return marker === "circle"
    ? `<circle cx="${round(x)}" cy="${round(y)}" r="${MARKER + 2}" fill="none" stroke="${color}" stroke-width="2"/>`
    : `<rect x="${round(x - MARKER)}" y="${round(y - MARKER)}" width="${2 * MARKER}" height="${2 * MARKER}" fill="${color}"/>`;
}

/** 1, 2, 2.5 or 5 times a power of ten, at least as large. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= least * 0.999) ?? 10);
}

function formatTick(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
