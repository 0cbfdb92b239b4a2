import { expect, it } from "vitest";

import { LockTokenSource } from "../entities/lock-token.ts";
import { ManualClock } from "../entities/manual-clock.ts";
import { Namespace } from "../entities/namespace.ts";
import { noFaults } from "./fault-hooks.ts";
import { FaultSwitches } from "./fault-switches.ts";

interface Bench {
  readonly clock: ManualClock;
  readonly hooks: ReturnType<typeof noFaults>;
  readonly switches: FaultSwitches;
}

function createBench(): Bench {
  const clock = new ManualClock();
  const hooks = noFaults();
  const namespace = new Namespace({
    clock,
    lockTokens: new LockTokenSource(),
    faults: hooks,
    notFoundText: (path) => path,
  });
  const nothing = (): void => undefined;
  const connections = { freeze: nothing, thaw: nothing, cutAll: () => 0, refuseNew: nothing };
  return { clock, hooks, switches: new FaultSwitches({ clock, hooks, namespace, connections }) };
}

it("leaves the broker as it was when every fault has ended", () => {
  const { hooks, switches } = createBench();
  switches.start("freeze", {});
  switches.start("drop-connections", { durationInMs: 1 });
  switches.start("delay-deliveries", { delayInMs: 1 });
  switches.start("duplicate-deliveries", {});
  switches.start("reorder-deliveries", {});
  switches.start("throttle", {});
  switches.start("lose-settlements", {});
  expect(switches.active).toHaveLength(7);
  switches.close();
  expect(switches.active).toEqual([]);
  expect(hooks).toEqual(noFaults());
});

it("ends a fault when its time is over, not earlier, and one that took its place at its own time", () => {
  const { clock, hooks, switches } = createBench();
  switches.start("throttle", { durationInMs: 1000 });
  clock.advance(999);
  expect(hooks.credits).toBeDefined();
  switches.start("throttle", { durationInMs: 1000 });
  clock.advance(999);
  expect(hooks.credits).toBeDefined();
  clock.advance(1);
  expect(hooks.credits).toBeUndefined();
});

it("leaves a fault as it is when new options for it are refused", () => {
  const { hooks, switches } = createBench();
  switches.start("delay-deliveries", { delayInMs: 5 });
  expect(() => switches.start("delay-deliveries", { delayInMs: "5", order: 1 })).toThrow(
    "The fault 'delay-deliveries' cannot start: delayInMs must be a whole number from 1 to 600000; order is not one of delayInMs, durationInMs.",
  );
  expect(hooks.holds.size).toBe(1);
});

it("gives credits anew each second, and lets what began with credit be done", () => {
  const { clock, hooks, switches } = createBench();
  switches.start("throttle", { creditsPerSecond: 10 });
  hooks.credits?.spend(9);
  hooks.credits?.spend(9);
  expect(() => hooks.credits?.spend(1)).toThrow("50009");
  clock.advance(1000);
  hooks.credits?.spend(10);
  expect(() => hooks.credits?.spend(1)).toThrow("50009");
});
