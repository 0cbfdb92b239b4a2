import { describe, expect, it } from "vitest";
import type { InjectRequest } from "./inject-request.ts";
import {
  acceptedOf,
  entryOf,
  loadRequest,
  recoverRequest,
  refusalOf,
  resetRequest,
  startMemoryFleet,
} from "./testing/start-memory-fleet.ts";

const blockingReset: InjectRequest = resetRequest({
  order: {
    fault: "redis-reset",
    action: "inject",
    parameters: { force: true, drain_timeout_ms: 5_000, block_seconds: 60 },
  },
});
const block: InjectRequest = resetRequest({
  order: {
    fault: "redis-block",
    action: "inject",
    parameters: { mode: "refuse", duration_seconds: 60 },
  },
});

function expectedIds(entry: { readonly replicas: readonly { readonly replica_id: string }[] }) {
  return entry.replicas.map(({ replica_id: id }) => id);
}

describe("the end of a load", () => {
  it("is confirmed by everybody, and lets the next one pass on every API replica", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    await entryOf(await fleet.coordinator.inject(loadRequest()));
    await fleet.clock.advance(10);
    const entry = await entryOf(await fleet.api(1).recover(recoverRequest("load")));
    expect(entry).toMatchObject({
      fault: "load",
      action: "recover",
      outcome: "complete",
      epoch: 2,
      target: {},
      fleet: { acknowledged: 2 },
    });
    await fleet.clock.advance(1_010);
    expect(fleet.coordinator.status().load.active).toBe(false);
    acceptedOf(await fleet.coordinator.inject(loadRequest()));
    await fleet.clock.advance(10);
    expect(refusalOf(await fleet.api(1).inject(loadRequest())).code).toBe("CHAOS_ALREADY_ACTIVE");
  });

  it("is known to an API replica that has heard neither the load nor its end", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    fleet.broker.isLost = ({ type }, bus) => type === "command-opened" && bus !== fleet.bus;
    await entryOf(await fleet.coordinator.inject(loadRequest()));
    await entryOf(await fleet.coordinator.recover(recoverRequest("load")));
    expect((await fleet.api(1).inject(loadRequest())).kind).toBe("accepted");
  });

  it("is complete when none runs, also again and again, and in an empty fleet", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    for (let round = 0; round < 3; round += 1) {
      const entry = await entryOf(await fleet.coordinator.recover(recoverRequest("load")));
      expect(entry).toMatchObject({ outcome: "complete", fleet: { acknowledged: 1 } });
    }
    fleet.replica(0).bye();
    await fleet.clock.advance(10);
    const entry = await entryOf(await fleet.coordinator.recover(recoverRequest("load")));
    expect(entry).toMatchObject({ outcome: "complete", fleet: { expected: 0 } });
  });

  it("overtakes a load that still collects its answers", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    fleet.replica(0).behaviour = "manual";
    acceptedOf(await fleet.coordinator.inject(loadRequest()));
    fleet.replica(0).behaviour = "acknowledge";
    const entry = await entryOf(await fleet.coordinator.recover(recoverRequest("load")));
    expect(entry).toMatchObject({ outcome: "complete", fleet: { acknowledged: 2 } });
  });

  it("counts on a frozen replica only if that may be under the load", async () => {
    await using fleet = await startMemoryFleet({ replicas: 4 });
    fleet.replica(1).behaviour = "refuse";
    await entryOf(
      await fleet.coordinator.inject(loadRequest({ target: { replicas: ["r1", "r2", "r3"] } })),
    );
    fleet.replicas.slice(0, 2).forEach((replica) => replica.freeze());
    fleet.replica(3).freeze();
    await fleet.clock.advance(5_000);
    const result = acceptedOf(await fleet.coordinator.recover(recoverRequest("load")));
    await fleet.clock.advance(5_000);
    const entry = await result.closed;
    expect(expectedIds(entry)).toEqual(["r1", "r3"]);
    expect(entry).toMatchObject({ outcome: "partial", fleet: { acknowledged: 1, silent: 1 } });
    await fleet.clock.advance(51_000);
    const afterwards = await entryOf(await fleet.coordinator.recover(recoverRequest("load")));
    expect(expectedIds(afterwards)).toEqual(["r3"]);
    expect(afterwards.outcome).toBe("complete");
  });

  it("counts on no frozen replica that has confirmed it before", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    await entryOf(await fleet.coordinator.inject(loadRequest()));
    await fleet.clock.advance(1_000);
    const first = acceptedOf(await fleet.coordinator.recover(recoverRequest("load")));
    await fleet.clock.advance(1);
    fleet.replica(0).freeze();
    expect((await first.closed).outcome).toBe("complete");
    await fleet.clock.advance(5_000);
    const again = await entryOf(await fleet.coordinator.recover(recoverRequest("load")));
    expect(expectedIds(again)).toEqual(["r2"]);
  });

  it("counts on a frozen replica that reported the load to an API that never heard of the command", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    const ends_at = new Date(fleet.clock.nowInMs() + 60_000).toISOString();
    const lost = fleet.join({
      replica_id: "lost",
      active_faults: [{ fault: "load", command_id: "unheard", ends_at, level: "low" }],
    });
    await fleet.clock.advance(10);
    lost.freeze();
    await fleet.clock.advance(5_000);
    const result = acceptedOf(await fleet.coordinator.recover(recoverRequest("load")));
    expect(expectedIds(fleet.coordinator.command(result.commandId) ?? { replicas: [] })).toEqual([
      "r1",
      "lost",
    ]);
  });

  it("goes out while the roster is warming, and is partial then", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, isWarm: false });
    await fleet.clock.advance(10);
    expect(refusalOf(await fleet.coordinator.inject(loadRequest())).code).toBe(
      "CHAOS_ROSTER_WARMING",
    );
    const entry = await entryOf(await fleet.coordinator.recover(recoverRequest("load")));
    expect(entry).toMatchObject({ outcome: "partial", fleet: { expected: 1, acknowledged: 1 } });
    expect(fleet.replica(0).received).toHaveLength(1);
  });

  it("is refused while the bus is away, and the load goes on keeping others out", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    await entryOf(await fleet.coordinator.inject(loadRequest()));
    fleet.bus.publishes = "unavailable";
    expect(refusalOf(await fleet.coordinator.recover(recoverRequest("load"))).code).toBe(
      "CHAOS_BUS_UNAVAILABLE",
    );
    fleet.bus.publishes = "yes";
    expect(refusalOf(await fleet.coordinator.inject(loadRequest())).code).toBe(
      "CHAOS_ALREADY_ACTIVE",
    );
    const late = fleet.makeCoordinator();
    await late.coordinator.start();
    await fleet.clock.advance(1_500);
    expect(refusalOf(await late.coordinator.inject(loadRequest())).code).toBe(
      "CHAOS_ALREADY_ACTIVE",
    );
    await late.coordinator.close();
  });
});

describe("a reset that keeps connections out", () => {
  it("is a block that keeps other blocks out, and no plain reset", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    const { command_id: commandId } = await entryOf(await fleet.coordinator.inject(blockingReset));
    await fleet.clock.advance(6_000);
    for (const coordinator of fleet.coordinators) {
      for (const request of [block, blockingReset]) {
        expect(refusalOf(await coordinator.inject(request))).toMatchObject({
          code: "CHAOS_ALREADY_ACTIVE",
          detail: "Redis block already active",
          commandId,
          retryAfterInMs: 54_000,
        });
      }
      expect(coordinator.conflict(resetRequest().order)).toBeNull();
    }
    acceptedOf(await fleet.api(1).inject(resetRequest()));
    await fleet.clock.advance(54_000);
    acceptedOf(await fleet.api(1).inject(block));
  });

  it("is ended by the end of a block, on every API replica", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    await entryOf(await fleet.coordinator.inject(blockingReset));
    await fleet.clock.advance(1_010);
    expect(fleet.coordinator.status().block.active).toBe(true);
    await entryOf(await fleet.api(1).recover(recoverRequest("redis-block")));
    await fleet.clock.advance(1_010);
    expect(fleet.coordinator.status().block.active).toBe(false);
    acceptedOf(await fleet.coordinator.inject(block));
    await entryOf(await fleet.coordinator.recover(recoverRequest("redis-block")));
    await fleet.clock.advance(5_000);
    acceptedOf(await fleet.api(1).inject(blockingReset));
  });

  it("is a block also to an API replica that has not heard of it", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    fleet.broker.isLost = ({ type }, bus) => type === "command-opened" && bus !== fleet.bus;
    const { command_id: commandId } = await entryOf(await fleet.coordinator.inject(blockingReset));
    expect(fleet.api(1).conflict(block.order)).toBeNull();
    expect(refusalOf(await fleet.api(1).inject(block))).toMatchObject({
      code: "CHAOS_ALREADY_ACTIVE",
      commandId,
    });
  });

  it("is accepted, or a block is, of two that two API replicas are asked for at the same moment", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    for (const requests of [
      [blockingReset, block],
      [block, blockingReset],
    ]) {
      const results = await Promise.all(
        requests.map((request, index) => fleet.api(index).inject(request)),
      );
      const refused = results.filter(({ kind }) => kind === "refused").map(refusalOf);
      expect(refused).toMatchObject([{ code: "CHAOS_ALREADY_ACTIVE" }]);
      await entryOf(await fleet.coordinator.recover(recoverRequest("redis-block")));
      await fleet.clock.advance(5_000);
    }
  });

  it("leaves neither a cool-down nor a block behind when it was not published", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    fleet.bus.publishes = "unavailable";
    refusalOf(await fleet.coordinator.inject(blockingReset));
    expect([...fleet.broker.records.keys()]).toEqual(["redis-reset", "redis-block"]);
    expect((await fleet.api(1).inject(block)).kind).toBe("accepted");
    expect((await fleet.api(1).inject(resetRequest())).kind).toBe("accepted");
  });

  it("is kept out by a block, and a plain one is not", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    await entryOf(await fleet.coordinator.inject(block));
    expect(refusalOf(await fleet.coordinator.inject(blockingReset)).code).toBe(
      "CHAOS_ALREADY_ACTIVE",
    );
    acceptedOf(await fleet.coordinator.inject(resetRequest()));
  });

  it("leaves a frozen replica behind that the end of the block waits for", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    await entryOf(await fleet.coordinator.inject(blockingReset));
    fleet.replica(0).freeze();
    await fleet.clock.advance(5_000);
    const { commandId } = acceptedOf(
      await fleet.coordinator.recover(recoverRequest("redis-block")),
    );
    expect(fleet.coordinator.command(commandId)?.fleet.expected).toBe(2);
  });
});
