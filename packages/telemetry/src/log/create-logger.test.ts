import type { Log } from "@fleetquake/contract";
import { expect, it } from "vitest";
import { createLogger } from "./create-logger.ts";
import type { LogLevel } from "./log-levels.ts";
import { toLog } from "./to-log.ts";

function openLog(level: LogLevel): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const output = { write: (line: string): number => lines.push(line) };
  return { log: toLog(createLogger({ level, base: { worker: "worker-1" }, output })), lines };
}

it("writes one JSON object in each line, from its level on", () => {
  const { log, lines } = openLog("warn");
  log.info("worker-started");
  log.warn("job-failed", { job: "j-1" });
  log.error("gone");
  expect(lines).toHaveLength(2);
  expect(lines.every((line) => line.endsWith("}\n"))).toBe(true);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    level: "warn",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    worker: "worker-1",
    event: "job-failed",
    job: "j-1",
  });
});

it("says what an error is", () => {
  const { log, lines } = openLog("info");
  log.error("not-sent", { error: new TypeError("no socket") });
  log.error("not-sent", { error: "no socket" });
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { error: { type: "TypeError", message: "no socket", stack: expect.any(String) } },
    { error: "no socket" },
  ]);
});

it("writes nothing when it is silent", () => {
  const { log, lines } = openLog("silent");
  log.error("gone");
  expect(lines).toEqual([]);
});
