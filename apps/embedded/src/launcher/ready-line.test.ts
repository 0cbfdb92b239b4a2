import { expect, it } from "vitest";
import { readyLine } from "./ready-line.ts";

it("says in one line where everything is and what to try", () => {
  const line = readyLine({
    urls: ["http://127.0.0.1:8000", "http://127.0.0.1:8001"],
    redisVersion: "7.0.15",
    redisAddress: "127.0.0.1:6379",
    busAddress: "sb://127.0.0.1:5672",
    workers: 1,
  });
  expect(line).toBe(
    "fleetquake ready: http://127.0.0.1:8000 http://127.0.0.1:8001 | Redis 7.0.15 at 127.0.0.1:6379 | " +
      "bus sb://127.0.0.1:5672 | 1 worker | try: curl -X POST http://127.0.0.1:8000/chaos/redis-reset",
  );
});
