import type { Target } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { makeMember } from "../testing/make-member.ts";
import type { Member } from "../roster/member.ts";
import { resolveTarget } from "./resolve-target.ts";

/** A reset takes everybody, and needs somebody who uses Redis. */
const reset = { sparesApis: false, needsRedis: true, random: () => 0 };

const fleet = [
  makeMember("a", { role: "api", labels: { zone: "1" } }),
  makeMember("b", { role: "worker", labels: { zone: "1", tier: "gold" } }),
  makeMember("c", { role: "worker", labels: { zone: "2", tier: "gold" } }),
];

function chosen(target: Target | undefined, members: readonly Member[] = fleet): string[] {
  const resolution = resolveTarget(target, members, reset);
  if (resolution.kind === "refused") {
    return [resolution.refusal.code];
  }
  return resolution.resolved.expected.map((member) => member.replicaId);
}

function manyMembers(size: number): Member[] {
  return Array.from({ length: size }, (_, index) => makeMember(`r${index}`));
}

describe("resolveTarget", () => {
  it("takes the whole fleet without a target", () => {
    expect(chosen(undefined)).toEqual(["a", "b", "c"]);
  });

  it("combines replicas, role and labels by AND", () => {
    expect(chosen({ role: "worker" })).toEqual(["b", "c"]);
    expect(chosen({ labels: { zone: "1" } })).toEqual(["a", "b"]);
    expect(chosen({ role: "worker", labels: { zone: "1", tier: "gold" } })).toEqual(["b"]);
    expect(chosen({ replicas: ["a", "b"], role: "worker" })).toEqual(["b"]);
    expect(chosen({ replicas: ["a"], role: "worker" })).toEqual(["CHAOS_NO_TARGETS"]);
    expect(chosen({ labels: { toString: "x" } })).toEqual(["CHAOS_NO_TARGETS"]);
  });

  it("rounds a share up, to at least one, and not beyond an exact share", () => {
    const share = (percent: number, size: number): number =>
      chosen({ percent }, manyMembers(size)).length;
    expect(share(1, 3)).toBe(1);
    expect(share(34, 3)).toBe(2);
    expect(share(50, 3)).toBe(2);
    expect(share(100, 3)).toBe(3);
    expect(share(7, 100)).toBe(7);
    expect(share(29, 100)).toBe(29);
    expect(share(10.5, 10)).toBe(2);
    expect(share(64.4, 250)).toBe(161);
  });

  it("draws a number of replicas, at most all of them", () => {
    expect(chosen({ count: 2 }, manyMembers(5))).toHaveLength(2);
    expect(chosen({ count: 9 }, manyMembers(5))).toHaveLength(5);
    expect(chosen({ count: 1, role: "worker" })).toEqual(["b"]);
  });

  it("draws by what the random source says", () => {
    const resolution = resolveTarget({ count: 1 }, fleet, { ...reset, random: () => 0.99 });
    expect(resolution).toMatchObject({ resolved: { commandTarget: { replicas: ["c"] } } });
  });

  it("draws replica ids, so that both instances of one id come along", () => {
    const twins = [makeMember("a", { instance_id: "1" }), makeMember("a", { instance_id: "2" })];
    expect(chosen({ count: 1 }, twins)).toEqual(["a", "a"]);
  });

  it("names every unknown replica with its place", () => {
    expect(resolveTarget({ replicas: ["x", "a", "y"] }, fleet, reset)).toMatchObject({
      refusal: {
        code: "UNKNOWN_REPLICA",
        errors: [{ path: "/target/replicas/0" }, { path: "/target/replicas/2" }],
      },
    });
  });

  it("refuses when Redis is disabled on every chosen replica only", () => {
    const { redis } = makeMember("x").report;
    const off = makeMember("off", { redis: { ...redis, enabled: false } });
    expect(chosen(undefined, [off])).toEqual(["REDIS_NOT_INITIALIZED"]);
    expect(chosen(undefined, [off, ...fleet])).toHaveLength(4);
  });

  it("refuses to name more replicas than a message can hold", () => {
    const pad = "x".repeat(200);
    const members = Array.from({ length: 1_000 }, (_, index) => makeMember(`${index}-${pad}`));
    expect(chosen({ percent: 90 }, members)).toEqual(["VALIDATION_FAILED"]);
    expect(chosen(undefined, members)).toHaveLength(1_000);
  });

  it("spares the APIs unless role or id names them, and says so to whoever comes later", () => {
    const spared = (target?: Target) => {
      const resolution = resolveTarget(target, fleet, { ...reset, sparesApis: true });
      return resolution.kind === "refused"
        ? resolution.refusal.code
        : {
            ids: resolution.resolved.expected.map(({ replicaId }) => replicaId),
            sent: resolution.resolved.commandTarget,
          };
    };
    expect(spared()).toEqual({ ids: ["b", "c"], sent: { except_role: "api" } });
    expect(spared({ labels: { zone: "1" } })).toEqual({
      ids: ["b"],
      sent: { labels: { zone: "1" }, except_role: "api" },
    });
    expect(spared({ role: "api" })).toEqual({ ids: ["a"], sent: { role: "api" } });
    expect(spared({ replicas: ["a", "c"] })).toEqual({
      ids: ["a", "c"],
      sent: { replicas: ["a", "c"] },
    });
    expect(spared({ count: 3 })).toEqual({ ids: ["b", "c"], sent: { replicas: ["b", "c"] } });
  });
});
