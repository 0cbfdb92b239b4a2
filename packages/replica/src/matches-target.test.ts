import type { CommandTarget, ReplicaIdentity } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { matchesTarget } from "./matches-target.ts";

const identity: ReplicaIdentity = {
  replica_id: "orders-1",
  instance_id: "a",
  role: "worker",
  labels: { zone: "1", tier: "gold" },
  allow: ["redis-reset"],
};

describe("matchesTarget", () => {
  it.each<[CommandTarget, boolean]>([
    [{}, true],
    [{ replicas: ["orders-2", "orders-1"] }, true],
    [{ replicas: ["orders-2"] }, false],
    [{ replicas: ["orders"] }, false],
    [{ role: "worker" }, true],
    [{ role: "api" }, false],
    [{ labels: {} }, true],
    [{ labels: { zone: "1" } }, true],
    [{ labels: { zone: "1", tier: "gold" } }, true],
    [{ labels: { zone: "2" } }, false],
    [{ labels: { colour: "red" } }, false],
    [{ labels: { toString: "" } }, false],
    [{ replicas: ["orders-1"], role: "worker", labels: { zone: "1" } }, true],
    [{ replicas: ["orders-1"], role: "api" }, false],
    [{ role: "worker", labels: { zone: "2" } }, false],
  ])("%j: %s", (target, expected) => {
    expect(matchesTarget(identity, target)).toBe(expected);
  });
});
