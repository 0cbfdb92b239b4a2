import {
  BUS_SCHEMA_VERSION,
  parseFleetEvent,
  type CommandOpened,
  type CommandOrder,
} from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { forgedOpening } from "./testing/forged-opening.ts";
import {
  acceptedOf,
  entryOf,
  loadRequest,
  recoverRequest,
  refusalOf,
  startMemoryFleet,
} from "./testing/start-memory-fleet.ts";

const never = "9999-99-99T99:99:99.999Z";
const farFuture = "9998-01-01T00:00:00.000Z";
const nobody = { replica_id: "nobody", instance_id: "nobody", role: "worker" };
const longLoad: CommandOrder = {
  fault: "load",
  action: "inject",
  parameters: { level: "high", duration_seconds: 3_600, jobs_per_second: 10_000 },
};
const halt: CommandOrder = { fault: "halt", action: "inject", parameters: { reason: "" } };
const release: CommandOrder = { fault: "halt", action: "recover", parameters: { reason: "" } };

function opened(...[order, overrides]: Parameters<typeof forgedOpening>): CommandOpened {
  return forgedOpening(order, { expected: [nobody], ...overrides });
}

describe("a forged load", () => {
  it("keeps others out for no longer than a load may last, however far in the future it begins", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    for (const [index, moment] of [farFuture, "2026-01-01T00:00:45.000Z"].entries()) {
      fleet.broker.sendEvent(
        opened(longLoad, { command_id: `f${index}`, opened_at: moment, deadline_at: farFuture }),
      );
    }
    await fleet.clock.advance(700_000);
    const { retryAfterInMs } = refusalOf(await fleet.coordinator.inject(loadRequest()));
    expect(retryAfterInMs).toBeLessThanOrEqual(2_900_000);
    await fleet.clock.advance(2_900_000);
    expect((await fleet.coordinator.inject(loadRequest())).kind).toBe("accepted");
  });

  it("is ended by a recovery like any other, whatever its epoch", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    for (const epoch of [7, 2 ** 51, Number.MAX_SAFE_INTEGER]) {
      fleet.broker.sendEvent(opened(longLoad, { command_id: `f${epoch}`, epoch }));
    }
    await fleet.clock.advance(700_000);
    expect(refusalOf(await fleet.coordinator.inject(loadRequest())).code).toBe(
      "CHAOS_ALREADY_ACTIVE",
    );
    await entryOf(await fleet.coordinator.recover(recoverRequest("load")));
    await fleet.clock.advance(10);
    const entry = await entryOf(await fleet.api(1).inject(loadRequest()));
    expect(entry.outcome).toBe("complete");
    expect(Number.isSafeInteger(entry.epoch)).toBe(true);
  });

  it("keeps nobody out when it is for nobody, or at no moment", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.broker.sendEvent(opened(longLoad, { command_id: "a", expected: [] }));
    fleet.broker.sendEvent(opened(longLoad, { command_id: "b", opened_at: never }));
    fleet.broker.sendEvent(opened(longLoad, { command_id: "c", deadline_at: never }));
    await fleet.clock.advance(10);
    expect((await fleet.coordinator.inject(loadRequest())).kind).toBe("accepted");
  });

  it("cannot be ended for others by a recovery of an epoch that nobody can have reached", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    acceptedOf(await fleet.coordinator.inject(loadRequest()));
    fleet.broker.sendEvent(
      opened({ fault: "load", action: "recover", parameters: {} }, { epoch: 2 ** 53 - 1 }),
    );
    await fleet.clock.advance(10);
    expect(refusalOf(await fleet.coordinator.inject(loadRequest())).code).toBe(
      "CHAOS_ALREADY_ACTIVE",
    );
  });

  it("does not fit the contract with parameters beyond it", () => {
    const parameters = [
      { duration_seconds: 3_601 },
      { duration_seconds: 0 },
      { duration_seconds: 1e308 },
      { duration_seconds: 0.5 },
      { level: "extreme" },
      { jobs_per_second: -1 },
      { scope: "process" },
    ];
    for (const wrong of parameters) {
      const message = opened(longLoad);
      const forged = { ...message, parameters: { ...message.parameters, ...wrong } };
      expect(parseFleetEvent(forged)).toMatchObject({ ok: false });
    }
    expect(parseFleetEvent({ ...opened(longLoad), action: "recover" })).toMatchObject({
      ok: false,
    });
    expect(parseFleetEvent(opened(longLoad))).toMatchObject({ ok: true });
  });
});

describe("a forged halt", () => {
  it("halts, since stopping must never fail, was given no later than now, and can be released", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.broker.sendEvent(opened(halt, { opened_at: farFuture, deadline_at: farFuture }));
    await fleet.clock.advance(10);
    const refusal = refusalOf(await fleet.coordinator.inject(loadRequest()));
    expect(refusal.halt).toMatchObject({ caller: "stranger", reason: "" });
    expect(refusal.halt?.atInMs).toBeLessThanOrEqual(fleet.clock.nowInMs());
    await entryOf(await fleet.coordinator.release({ caller: "bob", reason: null }));
    expect((await fleet.coordinator.inject(loadRequest())).kind).toBe("accepted");
  });

  it("at no moment, or of an epoch that nobody can have reached, is none", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    fleet.broker.sendEvent(opened(halt, { command_id: "a", opened_at: never }));
    fleet.broker.sendEvent(opened(halt, { command_id: "b", epoch: Number.MAX_SAFE_INTEGER }));
    await fleet.clock.advance(10);
    expect(fleet.coordinator.status().halted).toBe(false);
  });

  it("does not fit the contract with a reason that is too long, or none", () => {
    for (const parameters of [{ reason: "x".repeat(501) }, {}, { reason: null }]) {
      expect(parseFleetEvent({ ...opened(halt), parameters })).toMatchObject({ ok: false });
    }
  });
});

describe("a forged release", () => {
  it("of an epoch that nobody can have reached releases nothing", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    await entryOf(await fleet.coordinator.halt({ caller: "alice", reason: null }));
    fleet.broker.sendEvent(opened(release, { epoch: Number.MAX_SAFE_INTEGER }));
    await fleet.clock.advance(10);
    expect(fleet.coordinator.status().halted).toBe(true);
  });

  it("cannot be taken back by a stranger once it was published", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1, apis: 2 });
    await entryOf(await fleet.coordinator.halt({ caller: "alice", reason: null }));
    await fleet.clock.advance(10);
    const { command_id } = await entryOf(
      await fleet.coordinator.release({ caller: "bob", reason: null }),
    );
    fleet.broker.sendEvent({
      schema: BUS_SCHEMA_VERSION,
      type: "command-closed",
      command_id,
      issuer: "stranger",
      closed_at: "2026-01-01T00:00:02.000Z",
      duration_ms: 1,
      published: "no",
    });
    await fleet.clock.advance(10);
    expect(fleet.api(1).status().halted).toBe(false);
  });
});

describe("a replica that claims to be halted", () => {
  it("for no reason keeps faults out until somebody releases, with an epoch that holds", async () => {
    await using fleet = await startMemoryFleet({ replicas: 1 });
    const liar = fleet.join({
      replica_id: "liar",
      halted: true,
      highest_epoch: Number.MAX_SAFE_INTEGER,
    });
    await fleet.clock.advance(10);
    expect(refusalOf(await fleet.coordinator.inject(loadRequest())).halt?.caller).toBe(
      "unknown, as liar reports",
    );
    liar.bye();
    const entry = await entryOf(await fleet.coordinator.release({ caller: "bob", reason: null }));
    expect(entry.epoch).toBe(1);
    expect((await fleet.coordinator.inject(loadRequest())).kind).toBe("accepted");
  });
});
