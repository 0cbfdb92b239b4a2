import { describe, expect, it } from "vitest";
import type { CommandOrder } from "@fleetquake/contract";
import { RecordedFaults } from "./doubles/recorded-faults.ts";
import { identity, startReplica } from "./doubles/start-replica.ts";
import { FaultRefusedError } from "./fault-refused-error.ts";

const loadFor10s: CommandOrder = {
  fault: "load",
  action: "inject",
  parameters: { level: "low", duration_seconds: 10, jobs_per_second: 0 },
};
const endOfLoad: CommandOrder = { fault: "load", action: "recover", parameters: {} };
const hangFor10s: CommandOrder = {
  fault: "hang",
  action: "inject",
  parameters: { scope: "jobs", duration_seconds: 10 },
};
const blockFor10s: CommandOrder = {
  fault: "redis-block",
  action: "inject",
  parameters: { mode: "drop", duration_seconds: 10 },
};
const expiryFor10s: CommandOrder = {
  fault: "token-expiry",
  action: "inject",
  parameters: { duration_seconds: 10 },
};
const halt: CommandOrder = { fault: "halt", action: "inject", parameters: { reason: "enough" } };
const release: CommandOrder = { fault: "halt", action: "recover", parameters: { reason: "" } };

const willing = {
  ...identity,
  allow: ["redis-reset", "load", "hang", "redis-block", "token-expiry"],
};

async function startFaulty(options: Parameters<typeof startReplica>[0] = {}) {
  const faults = new RecordedFaults();
  const started = await startReplica({ identity: willing, faults, ...options });
  const answers = () => started.bus.published("acknowledgement");
  return { ...started, faults, answers };
}

describe("a replica's faults that last", () => {
  it("end at the same moment in every replica: so long after the command was issued", async () => {
    const { replica, clock, faults, command, deliver, answers } = await startFaulty();
    await deliver(command({}, loadFor10s), 0);
    const lateByInMs = 2_000;
    await clock.advance(lateByInMs);
    expect(faults.loads[0]?.endsAtMonotonicInMs).toBe(clock.monotonicInMs() - lateByInMs + 10_000);
    expect(answers()[0]).toMatchObject({ state: "acknowledged", load: { cpu_cores: 0.3 } });
    expect(replica.state().active_faults).toMatchObject([{ fault: "load", level: "low" }]);
    await clock.advance(7_999);
    expect(replica.state().active_faults).toHaveLength(1);
    await clock.advance(1);
    expect(replica.state().active_faults).toEqual([]);
    expect(faults.ended.load).toBeGreaterThan(0);
  });

  it("let tokens expire for as long as they were asked to, and give them back", async () => {
    const { replica, clock, faults, command, deliver, answers } = await startFaulty();
    await deliver(command({}, expiryFor10s));
    expect(answers()[0]).toMatchObject({ state: "acknowledged", connections_closed: 0 });
    expect(faults.expiries).toEqual([{ endsAtMonotonicInMs: clock.monotonicInMs() + 10_000 }]);
    expect(replica.state().active_faults).toMatchObject([{ fault: "token-expiry" }]);
    await clock.advance(10_000);
    expect(replica.state().active_faults).toEqual([]);
    expect(faults.ended.expiry).toBeGreaterThan(0);
  });

  it("are not begun by a command that comes when they would be over", async () => {
    const { clock, faults, command, deliver, answers } = await startFaulty();
    await deliver(command({ command_id: "c-0" }));
    const late = command(
      { expires_at: new Date(clock.nowInMs() + 60_000).toISOString() },
      loadFor10s,
    );
    await clock.advance(10_000);
    await deliver(late, 0);
    expect(answers().at(-1)).toMatchObject({ state: "expired" });
    expect(faults.loads).toEqual([]);
  });

  it("are ended by a recovery, which says what ran", async () => {
    const { replica, command, deliver, answers } = await startFaulty();
    await deliver(command({}, hangFor10s));
    await deliver(command({ command_id: "c-2", epoch: 2 }, loadFor10s));
    await deliver(command({ command_id: "c-3", epoch: 3 }, endOfLoad));
    expect(answers().at(-1)).toMatchObject({ state: "acknowledged", recovered: ["load"] });
    expect(replica.state().active_faults).toMatchObject([{ fault: "hang", scope: "jobs" }]);
  });

  it("are recovered without consent, also when nothing runs", async () => {
    const { command, deliver, answers } = await startFaulty({ identity });
    await deliver(command({}, endOfLoad));
    expect(answers()[0]).toMatchObject({ state: "acknowledged", recovered: [] });
  });

  it("refuse a recovery that is older than the injection", async () => {
    const { replica, command, deliver, answers } = await startFaulty();
    await deliver(command({ epoch: 5 }, loadFor10s));
    await deliver(command({ command_id: "c-2", epoch: 4 }, endOfLoad));
    expect(answers().at(-1)).toMatchObject({ state: "refused", error: { code: "STALE_EPOCH" } });
    expect(replica.state().active_faults).toHaveLength(1);
  });

  it("count epochs by fault: a reset that was issued beside a later load is not stale", async () => {
    const { connections, command, deliver } = await startFaulty();
    await deliver(command({ epoch: 6 }, loadFor10s));
    await deliver(command({ command_id: "c-2", epoch: 5 }));
    expect(connections.closes).toHaveLength(1);
  });

  it("refuse what the process cannot give, with the figures", async () => {
    const { replica, faults, command, deliver, answers } = await startFaulty();
    faults.startLoad = () =>
      Promise.reject(new FaultRefusedError("INSUFFICIENT_MEMORY", "100 MB wanted, 40 MB left"));
    await deliver(command({}, loadFor10s));
    expect(answers()[0]).toMatchObject({
      state: "refused",
      error: { code: "INSUFFICIENT_MEMORY", message: "100 MB wanted, 40 MB left" },
    });
    expect(replica.state().active_faults).toEqual([]);
  });

  it("do not stay when they are recovered while they begin", async () => {
    const { replica, faults, command, deliver, answers } = await startFaulty();
    let finish = (): void => undefined;
    faults.startLoad = () =>
      new Promise((resolve) => {
        finish = () => resolve({ cpu_cores: 0.3, memory_mb: 100, limited_by: null });
      });
    await deliver(command({}, loadFor10s));
    await deliver(command({ command_id: "c-2", epoch: 2 }, endOfLoad));
    finish();
    await deliver(command({ command_id: "c-3", epoch: 3 }, endOfLoad));
    expect(answers().map(({ command_id, state }) => [command_id, state])).toEqual([
      ["c-2", "acknowledged"],
      ["c-1", "failed"],
      ["c-3", "acknowledged"],
    ]);
    expect(replica.state().active_faults).toEqual([]);
  });

  it("do not wait for a drain of the same replica", async () => {
    const { connections, command, deliver, answers } = await startFaulty();
    const letGo = connections.hold();
    await deliver(command());
    await deliver(command({ command_id: "c-2" }, loadFor10s));
    expect(answers().map(({ command_id }) => command_id)).toEqual(["c-2"]);
    letGo();
  });

  it("keep connections out before the first one is closed", async () => {
    const { faults, connections, command, deliver, replica } = await startFaulty();
    const seen: number[] = [];
    const answer = connections.answer;
    connections.answer = (options) => {
      seen.push(faults.blocks.length);
      return answer(options);
    };
    await deliver(
      command(
        {},
        {
          fault: "redis-reset",
          action: "inject",
          parameters: { force: true, drain_timeout_ms: 1, block_seconds: 5 },
        },
      ),
    );
    expect(seen).toEqual([1]);
    expect(replica.state().active_faults).toMatchObject([{ fault: "redis-block", mode: "refuse" }]);
  });

  it("need the consent to both for a reset that keeps connections out", async () => {
    const { connections, command, deliver, answers } = await startFaulty({ identity });
    await deliver(
      command(
        {},
        {
          fault: "redis-reset",
          action: "inject",
          parameters: { force: true, drain_timeout_ms: 1, block_seconds: 5 },
        },
      ),
    );
    expect(answers()[0]).toMatchObject({ state: "refused", error: { code: "FAULT_NOT_ALLOWED" } });
    expect(connections.closes).toEqual([]);
  });
});

describe("a replica that is halted", () => {
  it("ends everything, says what ran, and refuses new faults until it is released", async () => {
    const { replica, faults, command, deliver, answers } = await startFaulty();
    await deliver(command({}, loadFor10s));
    await deliver(command({ command_id: "c-2" }, blockFor10s));
    await deliver(command({ command_id: "c-3", epoch: 3 }, halt));
    expect(answers().at(-1)?.recovered?.toSorted()).toEqual(["load", "redis-block"]);
    expect(replica.state()).toMatchObject({ halted: true, active_faults: [] });
    await deliver(command({ command_id: "c-4", epoch: 4 }, loadFor10s));
    expect(answers().at(-1)).toMatchObject({ state: "refused", error: { code: "HALTED" } });
    expect(faults.loads).toHaveLength(1);
    await deliver(command({ command_id: "c-5", epoch: 5 }, release));
    await deliver(command({ command_id: "c-6", epoch: 6 }, loadFor10s));
    expect(answers().at(-1)).toMatchObject({ state: "acknowledged" });
  });

  it("refuses what was issued before the halt, also after the release", async () => {
    const { command, deliver, answers } = await startFaulty();
    await deliver(command({ epoch: 7 }, halt));
    await deliver(command({ command_id: "c-2", epoch: 8 }, release));
    await deliver(command({ command_id: "c-3", epoch: 6 }, loadFor10s));
    expect(answers().at(-1)).toMatchObject({ state: "refused", error: { code: "STALE_EPOCH" } });
  });

  it("obeys a halt by an API that knows only old epochs, and no release of an older halt", async () => {
    const { replica, command, deliver, answers } = await startFaulty();
    await deliver(command({ epoch: 9 }));
    await deliver(command({ command_id: "c-2", epoch: 1 }, halt));
    expect(replica.state().halted).toBe(true);
    await deliver(command({ command_id: "c-3", epoch: 2 }, release));
    expect(answers().at(-1)).toMatchObject({ state: "refused", error: { code: "STALE_EPOCH" } });
    expect(replica.state().halted).toBe(true);
  });

  it("drops a roll-call of another time, which somebody has overheard and sent again", async () => {
    const { replica, clock, rollCall, deliver } = await startFaulty();
    const overheard = rollCall({ halt: { epoch: 4, halted: true } });
    await clock.advance(121_000);
    await deliver(overheard);
    expect(replica.state()).toMatchObject({ halted: false, dropped_messages: 1 });
  });

  it("learns of a halt that came before it, and of a release that it missed", async () => {
    const { replica, rollCall, deliver } = await startFaulty();
    await deliver(rollCall({ halt: { epoch: 4, halted: true } }));
    expect(replica.state().halted).toBe(true);
    await deliver(rollCall({ halt: { epoch: 3, halted: false } }));
    expect(replica.state().halted).toBe(true);
    await deliver(rollCall({ halt: { epoch: 5, halted: false } }));
    expect(replica.state().halted).toBe(false);
  });
});

describe("a replica that has lost the bus", () => {
  it("ends its own faults after half a minute", async () => {
    const { replica, bus, clock, command, deliver } = await startFaulty();
    const long: CommandOrder = {
      ...loadFor10s,
      parameters: { ...loadFor10s.parameters, duration_seconds: 600 },
    };
    await deliver(command({}, long));
    bus.isFailing = true;
    await clock.advance(28_000);
    expect(replica.state().active_faults).toHaveLength(1);
    await clock.advance(5_000);
    expect(replica.state().active_faults).toEqual([]);
  });
});
