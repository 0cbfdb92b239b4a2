import { expect, it } from "vitest";
import { createJsonLog } from "./json-log.ts";

it("writes one JSON object in each line, from its level on", () => {
  const lines: string[] = [];
  const log = createJsonLog({
    level: "warn",
    worker: "worker-1",
    write: (line) => lines.push(line),
  });
  log.info("worker-started");
  log.warn("job-failed", { job: "j-1" });
  log.error("gone");
  expect(lines).toHaveLength(2);
  expect(lines.every((line) => line.endsWith("}\n"))).toBe(true);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "warn",
    worker: "worker-1",
    event: "job-failed",
    job: "j-1",
  });
});

it("writes nothing when it is silent", () => {
  const lines: string[] = [];
  const log = createJsonLog({ level: "silent", worker: "w", write: (line) => lines.push(line) });
  log.error("gone");
  expect(lines).toEqual([]);
});
