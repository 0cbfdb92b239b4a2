// What resets cost a queue that is fed at a steady rate, over counts of workers, rates, reset intervals and both ways to
// close. Prints a table, and writes scalability.json and scalability.svg into .cache/scalability.
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { formatHeader, formatRun } from "./format-table.ts";
import { measureScalability } from "./measure-scalability.ts";
import { renderPicture } from "./render-picture.ts";
import { readPlan } from "./scalability-plan.ts";

const FOLDER = fileURLToPath(new URL("../../../.cache/scalability/", import.meta.url));

const plan = readPlan(process.argv.slice(2));
console.log(formatHeader());
const result = await measureScalability(plan, (run) => console.log(formatRun(run)));
await mkdir(FOLDER, { recursive: true });
await writeFile(`${FOLDER}scalability.json`, `${JSON.stringify(result, null, 2)}\n`);
await writeFile(`${FOLDER}scalability.svg`, renderPicture(result));
console.log(
  "kept: completed a second against the run without resets; back: from a worker's close until it does jobs again;\n" +
    "conn/s: connections that Redis accepted; lost, twice, stalled: jobs, after the queue had come to rest",
);
console.log(`written: ${FOLDER}scalability.json and scalability.svg`);
const lost = result.runs.reduce((sum, run) => sum + run.lost, 0);
if (lost > 0) {
  console.error(`${lost} jobs were lost`);
  process.exitCode = 1;
}
