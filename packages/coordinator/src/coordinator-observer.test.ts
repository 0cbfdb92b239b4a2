import { describe, expect, it } from "vitest";
import type { FleetObserver } from "./fleet-observer.ts";
import { acceptedOf, resetRequest, startMemoryFleet } from "./testing/start-memory-fleet.ts";

describe("a coordinator's observer", () => {
  it("is told of an answer only when the answer is in the books", async () => {
    const told: { readonly type: string; readonly acknowledged?: number | undefined }[] = [];
    const observer: FleetObserver = {
      onEvent: (event) => {
        const { type } = event;
        const entry =
          type === "acknowledgement" ? fleet.coordinator.command(event.command_id) : undefined;
        told.push({ type, acknowledged: entry?.fleet.acknowledged });
      },
      onConnected: () => told.push({ type: "connected" }),
    };
    await using fleet = await startMemoryFleet({ replicas: 2, options: { observer } });
    expect(told[0]).toEqual({ type: "connected" });

    await acceptedOf(await fleet.coordinator.inject(resetRequest())).closed;
    await fleet.clock.advance(100);
    const ofCommand = told.filter(({ type }) => /^(acknowledgement|command-)/.test(type));
    expect(ofCommand).toEqual([
      { type: "command-opened" },
      { type: "acknowledgement", acknowledged: 1 },
      { type: "acknowledgement", acknowledged: 2 },
      { type: "command-closed" },
    ]);
  });
});
