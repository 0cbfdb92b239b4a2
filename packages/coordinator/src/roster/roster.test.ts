import { BrokerTime, silentLog, type ReplicaState } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { replicaState } from "../testing/messages.ts";
import { Roster } from "./roster.ts";

function arrange({ maxReplicas = 10 } = {}) {
  const clock = new FakeClock();
  const brokerTime = new BrokerTime(clock);
  const roster = new Roster({ clock, brokerTime, log: silentLog, maxReplicas });
  roster.resume();
  const hear = (state: Partial<ReplicaState> = {}, enqueuedAtInMs = clock.nowInMs()) => {
    brokerTime.observe(enqueuedAtInMs);
    return roster.observe(replicaState(state), enqueuedAtInMs);
  };
  const states = (): string[] =>
    roster.rows().map(({ member, state }) => `${member.replicaId}/${member.instanceId} ${state}`);
  return { clock, roster, hear, states };
}

describe("Roster", () => {
  it("takes in whoever is heard, and says whether the instance was unknown", () => {
    const { clock, roster, hear, states } = arrange();
    expect(roster.lastJoinedInMs).toBeNull();
    expect(hear()?.joined).toBe(true);
    expect(hear()?.joined).toBe(false);
    expect(roster.lastJoinedInMs).toBe(clock.monotonicInMs());
    expect(states()).toEqual(["r1/i1 active"]);
    expect(roster.aliveCount()).toBe(1);
  });

  it("keeps the newest report, also when an older one comes after it", async () => {
    const { clock, roster, hear } = arrange();
    hear({ role: "new" });
    const nowInMs = clock.nowInMs();
    await clock.advance(10);
    hear({ role: "old" }, nowInMs - 500);
    expect(roster.row("r1")?.member.report.role).toBe("new");
  });

  it("does not take a heartbeat from a backlog for a fresh one", async () => {
    const { clock, hear, states } = arrange();
    hear({ replica_id: "live" });
    await clock.advance(10_000);
    hear({ replica_id: "live" });
    hear({ replica_id: "dead" }, clock.nowInMs() - 9_000);
    expect(states()).toEqual(["live/i1 active", "dead/i1 stale"]);
  });

  it("lets go of who says bye, and takes it back when it is heard later", async () => {
    const { clock, roster, hear, states } = arrange();
    hear();
    roster.bye("r1", "i1", clock.nowInMs());
    roster.bye("nobody", "i1", clock.nowInMs());
    expect(roster.saidBye("r1", "i1")).toBe(true);
    expect(roster.saidBye("nobody", "i1")).toBe(false);
    expect(roster.bye("r1", "i1", clock.nowInMs() - 1)).toBe(false);
    hear({}, clock.nowInMs() - 5);
    expect(states()).toEqual(["r1/i1 left"]);
    await clock.advance(5);
    expect(hear()?.joined).toBe(true);
    expect(states()).toEqual(["r1/i1 active"]);
  });

  it("replaces an instance by a newer one of the same id", async () => {
    const { clock, roster, hear, states } = arrange();
    hear({ instance_id: "i1" });
    await clock.advance(100);
    hear({ instance_id: "i2" });
    expect(states()).toEqual(["r1/i2 active", "r1/i1 left"]);
    expect(roster.row("r1")?.member.instanceId).toBe("i2");
    expect(roster.aliveCount()).toBe(1);
  });

  it("knows two live instances once both were heard after each other, until one falls silent", async () => {
    const { clock, hear, states } = arrange();
    hear({ instance_id: "i1" });
    await clock.advance(100);
    hear({ instance_id: "i2" });
    await clock.advance(100);
    hear({ instance_id: "i1" });
    expect(states()).toEqual(["r1/i2 active", "r1/i1 active"]);
    for (let second = 0; second < 4; second += 1) {
      await clock.advance(1_000);
      hear({ instance_id: "i2" });
    }
    expect(states()).toEqual(["r1/i2 active", "r1/i1 left"]);
  });

  it("counts no silence while nothing can be heard", async () => {
    const { clock, roster, hear, states } = arrange();
    hear();
    await clock.advance(2_000);
    roster.pause();
    roster.pause();
    await clock.advance(600_000);
    roster.prune();
    expect(states()).toEqual(["r1/i1 active"]);
    roster.resume();
    await clock.advance(999);
    expect(states()).toEqual(["r1/i1 active"]);
    await clock.advance(1);
    expect(states()).toEqual(["r1/i1 stale"]);
  });

  it("forgives a span in which the process stood still, and not more than that", async () => {
    const { clock, roster, hear, states } = arrange();
    hear();
    await clock.advance(130_000);
    expect(states()).toEqual(["r1/i1 left"]);
    roster.forgive(1e9);
    expect(states()).toEqual(["r1/i1 active"]);
    await clock.advance(3_000);
    expect(states()).toEqual(["r1/i1 stale"]);
  });

  it("forgets who left long ago", async () => {
    const { clock, roster, hear, states } = arrange();
    hear({ replica_id: "gone" });
    await clock.advance(599_999);
    roster.prune();
    expect(states()).toEqual(["gone/i1 left"]);
    await clock.advance(1);
    roster.prune();
    expect(states()).toEqual([]);
    expect(roster.row("gone")).toBeUndefined();
  });

  it("is bounded: who left makes room, and a full fleet takes nobody in", () => {
    const { clock, roster, hear } = arrange({ maxReplicas: 2 });
    hear({ replica_id: "a" });
    hear({ replica_id: "b" });
    expect(hear({ replica_id: "c" })).toBeNull();
    roster.bye("a", "i1", clock.nowInMs());
    expect(hear({ replica_id: "c" })?.joined).toBe(true);
    for (let index = 0; index < 20; index += 1) {
      hear({ replica_id: "b", instance_id: `i${index}` });
    }
    expect(roster.rows().length).toBeLessThanOrEqual(5);
  });

  it("remembers the highest epoch that anybody can have seen", () => {
    const { roster, hear } = arrange();
    hear({ highest_epoch: 7 });
    hear({ highest_epoch: 3 });
    hear({ highest_epoch: 1e300 });
    expect(roster.highestEpoch).toBe(7);
  });
});
