import { describe, expect, it } from "vitest";
import { ComplaintFilter } from "./complaint-filter.ts";

function filterAt(clock: { nowInMs: number }): ComplaintFilter {
  return new ComplaintFilter(() => clock.nowInMs);
}

describe("ComplaintFilter", () => {
  it("shows a warning with the name of its process and its own fields", () => {
    const line =
      '{"level":"warn","time":"2026-01-01T00:00:00.000Z","event":"job-failed","job":"j-1"}';
    expect(filterAt({ nowInMs: 0 }).take("worker-2", line)).toBe(
      'worker-2: warn job-failed {"job":"j-1"}',
    );
  });

  it("understands pino's numbers and its msg", () => {
    const filter = filterAt({ nowInMs: 0 });
    expect(filter.take("api-1", '{"level":50,"pid":7,"msg":"boom"}')).toBe("api-1: error boom");
    expect(filter.take("api-1", '{"level":30,"pid":7,"msg":"request completed"}')).toBeNull();
  });

  it.each(["", "plain words", "{not json", '{"level":"info","event":"worker-started"}', '{"a":1}'])(
    "keeps quiet about %j",
    (line) => {
      expect(filterAt({ nowInMs: 0 }).take("worker-1", line)).toBeNull();
    },
  );

  it("shows one of equal complaints within 10 s, whoever makes them, and then says how many there were", () => {
    const clock = { nowInMs: 0 };
    const filter = filterAt(clock);
    const line = '{"level":"warn","event":"redis-unreachable"}';
    expect(filter.take("worker-1", line)).toBe("worker-1: warn redis-unreachable");
    expect(filter.take("worker-2", line)).toBeNull();
    expect(filter.take("worker-3", line)).toBeNull();
    expect(filter.take("worker-3", '{"level":"warn","event":"other"}')).toBe(
      "worker-3: warn other",
    );
    clock.nowInMs = 10_000;
    expect(filter.take("worker-1", line)).toBe(
      "worker-1: warn redis-unreachable (and 2 more of these since the last one shown)",
    );
  });
});
