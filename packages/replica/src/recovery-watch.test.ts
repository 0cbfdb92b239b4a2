import { describe, expect, it } from "vitest";
import { startReplica } from "./doubles/start-replica.ts";
import type { RecoveryObservation } from "./ports/connection-set.ts";

const nothingYet: RecoveryObservation = {
  connectionsExpected: 3,
  connectionsBack: 0,
  socketRecoveredInMs: null,
  allBackInMs: null,
  commandRecoveredInMs: null,
  workRecoveredInMs: null,
  reconnectAttempts: 0,
  errorsSeen: 3,
};
const allBack: RecoveryObservation = {
  ...nothingYet,
  connectionsBack: 3,
  socketRecoveredInMs: 20,
  allBackInMs: 90,
};

describe("the recovery watch", () => {
  it("reports when all connections are back, and finishes when command and work have succeeded", async () => {
    const { bus, clock, connections, command, deliver } = await startReplica();
    connections.observation = nothingYet;
    await deliver(command());
    await clock.advance(300);
    expect(bus.published("recovery-report")).toEqual([]);
    connections.observation = allBack;
    await clock.advance(300);
    expect(bus.published("recovery-report")).toMatchObject([
      { command_id: "c-1", all_back_ms: 90, finished: false, observed_ms: 400 },
    ]);
    connections.observation = { ...allBack, commandRecoveredInMs: 25, workRecoveredInMs: 700 };
    await clock.advance(10_000);
    expect(bus.published("recovery-report").slice(1)).toMatchObject([
      { command_recovered_ms: 25, work_recovered_ms: 700, finished: true },
    ]);
  });

  it("gives up after a minute and says what is missing", async () => {
    const { bus, clock, connections, command, deliver } = await startReplica();
    connections.observation = { ...nothingYet, connectionsBack: 2 };
    await deliver(command());
    await clock.advance(59_000);
    expect(bus.published("recovery-report")).toEqual([]);
    expect(bus.published("heartbeat").at(-1)?.last_recovery).toMatchObject({
      connections_back: 2,
      finished: false,
    });
    await clock.advance(600_000);
    expect(bus.published("recovery-report")).toMatchObject([
      { connections_back: 2, all_back_ms: null, finished: true, observed_ms: 60_000 },
    ]);
    expect(bus.published("heartbeat").at(-1)?.last_recovery).toMatchObject({ finished: true });
  });

  it("ends with what was seen when the next reset comes, and says so after that one is answered", async () => {
    const { bus, clock, connections, command, deliver } = await startReplica();
    connections.observation = { ...nothingYet, connectionsBack: 1 };
    await deliver(command());
    await clock.advance(200);
    await deliver(command({ command_id: "c-2", epoch: 2 }));
    expect(bus.published("acknowledgement")).toHaveLength(2);
    expect(bus.published("recovery-report")).toEqual([]);
    await clock.advance(1_000);
    expect(bus.published("recovery-report")).toMatchObject([
      { command_id: "c-1", connections_back: 1, finished: true },
    ]);
    await clock.advance(60_000);
    expect(bus.published("recovery-report").slice(1)).toMatchObject([
      { command_id: "c-2", finished: true },
    ]);
  });

  it("does not watch when nothing was closed", async () => {
    const { bus, clock, connections, command, deliver } = await startReplica();
    connections.standing = 0;
    connections.observation = nothingYet;
    await deliver(command());
    await clock.advance(61_000);
    expect(bus.published("recovery-report")).toEqual([]);
  });
});
