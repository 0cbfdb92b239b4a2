import { FakeClock } from "@fleetquake/contract/testing";
import { FaultRefusedError } from "@fleetquake/replica";
import { describe, expect, it } from "vitest";
import { RedisBlockCell } from "./redis-block-cell.ts";
import { createRedisBlockSwitch } from "./redis-block-switch.ts";

describe("the switch of a redis-block", () => {
  it("is in effect in all threads when it resolves", async () => {
    const clock = new FakeClock();
    const application = new RedisBlockCell({ clock });
    application.guard();
    const agent = createRedisBlockSwitch(new RedisBlockCell({ clock, shared: application.shared }));
    await agent.begin({ mode: "drop", endsAtMonotonicInMs: 1_000 });
    expect(application.mode).toBe("drop");
    await agent.begin({ mode: "refuse", endsAtMonotonicInMs: 1_000 });
    expect(application.mode).toBe("refuse");
    await agent.end();
    await agent.end();
    expect(application.mode).toBeNull();
  });

  it("refuses to begin a block which no connection would meet", async () => {
    const cell = new RedisBlockCell({ clock: new FakeClock() });
    const begun = createRedisBlockSwitch(cell).begin({ mode: "drop", endsAtMonotonicInMs: 1_000 });
    await expect(begun).rejects.toThrow(FaultRefusedError);
    await expect(begun).rejects.toMatchObject({ code: "REDIS_NOT_TRACKED" });
    expect(cell.mode).toBeNull();
  });
});
