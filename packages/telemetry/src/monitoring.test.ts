import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { API_METRICS, REPLICA_METRICS } from "./metric-table.ts";

const infra = new URL("../../../infra/", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, infra), "utf8");
const records = [...read("prometheus/recording-rules.yml").matchAll(/record: (\S+)/gu)].map(
  ([, name]) => name,
);
const known = new Set([...Object.keys({ ...API_METRICS, ...REPLICA_METRICS }), ...records]);

/** What an expression reads of Fleetquake's, without a histogram's suffix. */
function namesIn(text: string): readonly string[] {
  const found = text.match(/\bfleetquake[_:][a-z0-9_:]+/gu) ?? [];
  return found.map((name) => name.replace(/(?<=_seconds)_(?:bucket|count|sum)$/u, ""));
}

it.each(["prometheus/recording-rules.yml", "prometheus/alert-rules.yml"])(
  "infra/%s reads only what is told",
  (path) => {
    const names = namesIn(read(path));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  },
);

it("the Grafana dashboard reads only what is told", () => {
  const dashboard: {
    readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
  } = JSON.parse(read("grafana/dashboards/fleetquake.json"));
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  expect(expressions.filter((expression) => namesIn(expression).length === 0)).toEqual([
    "nodejs_eventloop_lag_p99_seconds",
  ]);
  expect(expressions.flatMap(namesIn).filter((name) => !known.has(name))).toEqual([]);
});
