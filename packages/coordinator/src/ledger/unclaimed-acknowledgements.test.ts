import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { acknowledgement } from "../testing/messages.ts";
import { UnclaimedAcknowledgements } from "./unclaimed-acknowledgements.ts";

describe("UnclaimedAcknowledgements", () => {
  it("hands over what came for a command, once, each instance once", () => {
    const unclaimed = new UnclaimedAcknowledgements(new FakeClock());
    unclaimed.add(acknowledgement(), 1);
    unclaimed.add(acknowledgement(), 2);
    unclaimed.add(acknowledgement({ replica_id: "r2" }), 3);
    unclaimed.add(acknowledgement({ command_id: "c2" }), 4);
    expect(unclaimed.claim("c1").map(({ enqueuedAtInMs }) => enqueuedAtInMs)).toEqual([1, 3]);
    expect(unclaimed.claim("c1")).toEqual([]);
    expect(unclaimed.size).toBe(1);
  });

  it("forgets after a minute", async () => {
    const clock = new FakeClock();
    const unclaimed = new UnclaimedAcknowledgements(clock);
    unclaimed.add(acknowledgement(), 1);
    await clock.advance(59_999);
    unclaimed.add(acknowledgement({ command_id: "c2" }), 2);
    unclaimed.prune();
    expect(unclaimed.size).toBe(2);
    await clock.advance(1);
    unclaimed.prune();
    expect(unclaimed.size).toBe(1);
    expect(unclaimed.claim("c2")).toHaveLength(1);
  });

  it("is bounded, whether one command or many fill it", () => {
    const unclaimed = new UnclaimedAcknowledgements(new FakeClock());
    for (let index = 0; index < 30_000; index += 1) {
      unclaimed.add(acknowledgement({ command_id: `c${index}` }), index);
    }
    expect(unclaimed.size).toBe(20_000);
    expect(unclaimed.claim("c29999")).toHaveLength(1);
    for (let index = 0; index < 30_000; index += 1) {
      unclaimed.add(acknowledgement({ command_id: "one", replica_id: `r${index}` }), index);
    }
    expect(unclaimed.size).toBeLessThanOrEqual(20_000);
  });
});
