import { describe, expect, it } from "vitest";
import {
  acceptedOf,
  entryOf,
  refusalOf,
  resetRequest,
  startMemoryFleet,
} from "./testing/start-memory-fleet.ts";

describe("a refused reset", () => {
  it("names the command that still collects, on whichever API replica", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    fleet.replica(0).behaviour = "manual";
    const { commandId } = acceptedOf(await fleet.coordinator.inject(resetRequest()));
    for (const coordinator of fleet.coordinators) {
      const refusal = refusalOf(await coordinator.inject(resetRequest()));
      expect(refusal).toMatchObject({ code: "CHAOS_COLLECTING", commandId, retryAfterInMs: 5_000 });
      expect(refusal.detail).toContain(commandId);
      expect(refusal.detail).toContain("api-1");
    }
    expect(fleet.broker.lock.asked).toBe(1);
  });

  it("says when the last command was accepted, by whom, and how long is left, whatever its target", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2, apis: 2 });
    const request = resetRequest({ target: { replicas: ["r1"] } });
    const entry = await entryOf(await fleet.coordinator.inject(request));
    await fleet.clock.advance(1_200);
    for (const coordinator of fleet.coordinators) {
      const refusal = refusalOf(
        await coordinator.inject(resetRequest({ target: { replicas: ["r2"] } })),
      );
      expect(refusal).toMatchObject({
        code: "CHAOS_COOLING_DOWN",
        commandId: entry.command_id,
        retryAfterInMs: 3_800,
      });
      expect(refusal.detail).toBe(
        `Command ${entry.command_id} was accepted at ${entry.opened_at} by api-1; its cool-down has 3.8 s left.`,
      );
    }
    expect(fleet.broker.lock.asked).toBe(1);
    await fleet.clock.advance(3_800);
    expect((await fleet.coordinators[1]?.inject(resetRequest()))?.kind).toBe("accepted");
  });

  it("reads the cool-down under the lock when it has not heard of the command", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    fleet.broker.isLost = (event) => event.type === "command-opened";
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    const other = fleet.coordinators[1];
    expect(refusalOf((await other?.inject(resetRequest())) ?? fail())).toMatchObject({
      code: "CHAOS_COLLECTING",
      commandId: entry.command_id,
    });
    expect(fleet.broker.commands.filter(({ type }) => type === "command")).toHaveLength(1);
  });

  it("is a collision when somebody else holds the lock for two seconds", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    const letGo = fleet.broker.lock.seize();
    const refused = fleet.coordinator.inject(resetRequest());
    await fleet.clock.advance(2_000);
    expect(refusalOf(await refused).code).toBe("CHAOS_COLLECTING");
    letGo();
    expect((await fleet.coordinator.inject(resetRequest())).kind).toBe("accepted");
  });

  it("names the command of a request that came before it to the same process, once that has the lock", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.replica(0).behaviour = "manual";
    const letGo = fleet.broker.lock.seize();
    const first = fleet.coordinator.inject(resetRequest());
    const second = fleet.coordinator.inject(resetRequest());
    letGo();
    const { commandId } = acceptedOf(await first);
    expect(refusalOf(await second)).toMatchObject({ code: "CHAOS_COLLECTING", commandId });
    expect(fleet.broker.lock.asked).toBe(1);
  });

  it("is a collision without a command while a request of the same process waits for the lock in vain", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.broker.lock.seize();
    const requests = Array.from({ length: 3 }, () => fleet.coordinator.inject(resetRequest()));
    expect(fleet.coordinator.dryRun(resetRequest()).would_be_refused).toEqual({
      code: "CHAOS_COLLECTING",
      retry_after_ms: 1_000,
    });
    await fleet.clock.advance(4_000);
    for (const result of await Promise.all(requests)) {
      const { code, commandId, retryAfterInMs } = refusalOf(result);
      expect({ code, commandId, retryAfterInMs }).toEqual({
        code: "CHAOS_COLLECTING",
        commandId: undefined,
        retryAfterInMs: 1_000,
      });
    }
  });

  it("names an unknown replica, and injects nothing", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    const refusal = refusalOf(
      await fleet.coordinator.inject(resetRequest({ target: { replicas: ["r1", "nobody"] } })),
    );
    expect(refusal.code).toBe("UNKNOWN_REPLICA");
    expect(refusal.errors).toEqual([
      { path: "/target/replicas/1", detail: "Replica nobody is not in the fleet." },
    ]);
    expect(fleet.broker.commands.some(({ type }) => type === "command")).toBe(false);
    expect((await fleet.coordinator.inject(resetRequest())).kind).toBe("accepted");
  });

  it("finds no targets when the selector matches nobody, or no replica is known", async () => {
    await using fleet = await startMemoryFleet({ replicas: 2 });
    const nobody = resetRequest({ target: { role: "nobody" } });
    expect(refusalOf(await fleet.coordinator.inject(nobody)).code).toBe("CHAOS_NO_TARGETS");
    await using empty = await startMemoryFleet({ replicas: 0 });
    expect(refusalOf(await empty.coordinator.inject(resetRequest())).code).toBe("CHAOS_NO_TARGETS");
  });

  it("prefers the cool-down to the unknown replica", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    await entryOf(await fleet.coordinator.inject(resetRequest()));
    const nobody = resetRequest({ target: { replicas: ["nobody"] } });
    expect(refusalOf(await fleet.coordinator.inject(nobody)).code).toBe("CHAOS_COOLING_DOWN");
  });

  it("says so when Redis is disabled on every target, and not when one uses it", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    const { redis } = fleet.replica(0).state;
    fleet.join({ replica_id: "without", role: "web", redis: { ...redis, enabled: false } });
    await fleet.clock.advance(10);
    const refusal = refusalOf(
      await fleet.coordinator.inject(resetRequest({ target: { role: "web" } })),
    );
    expect(refusal).toMatchObject({
      code: "REDIS_NOT_INITIALIZED",
      detail: "Redis client not initialized",
    });
    expect((await fleet.coordinator.inject(resetRequest())).kind).toBe("accepted");
  });

  it("fails closed when the lock cannot be reached", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.broker.lock.isUnavailable = true;
    expect(refusalOf(await fleet.coordinator.inject(resetRequest())).code).toBe(
      "CHAOS_BUS_UNAVAILABLE",
    );
    fleet.broker.lock.isUnavailable = false;
    expect((await fleet.coordinator.inject(resetRequest())).kind).toBe("accepted");
  });

  it("is told from a failure that nobody foresaw", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.broker.lock.releaseFails = true;
    // The command is out, and stays accepted whatever became of the lock.
    const entry = await entryOf(await fleet.coordinator.inject(resetRequest()));
    expect(entry.outcome).toBe("complete");
  });

  it("turns everything away while the API ends, also who waits for the lock", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.broker.lock.seize();
    const waiting = fleet.coordinator.inject(resetRequest());
    await fleet.clock.advance(10);
    fleet.coordinator.closeCollecting();
    expect(refusalOf(await waiting).code).toBe("SHUTTING_DOWN");
    expect(refusalOf(await fleet.coordinator.inject(resetRequest())).code).toBe("SHUTTING_DOWN");
  });
});

function fail(): never {
  throw new Error("there is no second API");
}
