import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { API_METRICS, REPLICA_METRICS, type MetricDescription } from "./metric-table.ts";

const document = readFileSync(new URL("../METRICS.md", import.meta.url), "utf8");
const rows = document.split("\n").filter((line) => line.startsWith("| `fleetquake_"));

function rowOf([name, { type, labels, help }]: [string, MetricDescription]): string {
  const shown = labels.map((label) => `\`${label}\``).join(", ") || "-";
  return `| \`${name}\` | ${type} | ${shown} | ${help} |`;
}

it("METRICS.md has every metric as it is, and no other", () => {
  const tables: Readonly<Record<string, MetricDescription>>[] = [API_METRICS, REPLICA_METRICS];
  expect(rows).toEqual(tables.flatMap((table) => Object.entries(table)).map(rowOf));
});
