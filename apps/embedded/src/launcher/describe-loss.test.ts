import { describe, expect, it } from "vitest";
import { describeLoss } from "./describe-loss.ts";

describe("describeLoss", () => {
  it("says how many workers are left", () => {
    expect(describeLoss({ kind: "worker", left: 2, started: 3 })).toContain("2 of 3 workers");
  });

  it("says where an API still answers, and that the fleet ends with the last one", () => {
    expect(describeLoss({ kind: "api", urlsLeft: ["http://127.0.0.1:8001"] })).toContain(
      "http://127.0.0.1:8001",
    );
    expect(describeLoss({ kind: "api", urlsLeft: [] })).toContain("the fleet ends");
  });

  it("says how to bring Redis back", () => {
    const restartCommand = "redis-server --port 7000";
    expect(describeLoss({ kind: "redis", restartCommand })).toContain(restartCommand);
  });

  it("says whether the broker comes back", () => {
    expect(describeLoss({ kind: "broker", isRestarted: true })).toContain("started again");
    expect(describeLoss({ kind: "broker", isRestarted: false })).toContain("resets answer 503");
  });
});
