import { expect, it } from "vitest";
import type { ConformanceBroker } from "./conformance-broker.ts";
import { until } from "./recorded-listeners.ts";
import { rollCall } from "./sample-messages.ts";
import { startApis, startReplicas } from "./started-members.ts";

/** Adds the tests of a broker that is restarted. */
export function describeRestart(broker: () => ConformanceBroker): void {
  it("has everybody back within five seconds of a restart that lost everything", async ({
    skip,
  }) => {
    const { restart } = broker();
    skip(restart === undefined, "this broker cannot be restarted from here");
    await using apis = await startApis(broker(), 1);
    await using fleet = await startReplicas(broker(), 10);
    const api = apis.at(0);
    await restart?.();
    const backSinceInMs = performance.now();
    await until(
      "all replicas",
      () => fleet.members.every(({ heard }) => heard.connections === 2),
      5_000,
    );
    await until("the API", () => api.heard.connections === 2, 5_000);
    const tookInMs = performance.now() - backSinceInMs;
    process.stdout.write(
      `back ${Math.round(tookInMs)} ms after the broker, 10 replicas and 1 API\n`,
    );
    await api.transport.bus.publishCommand(rollCall(api.issuer));
    expect(fleet.members.map(({ heard }) => heard.disconnections)).toEqual(
      fleet.members.map(() => 1),
    );
    await until("the roll-call", () =>
      fleet.members.every(({ heard }) => heard.heardFrom(api.issuer) === 1),
    );
    await api.transport.lock.withLock("redis-reset", (held) => held.read(), { timeoutInMs: 2_000 });
  });
}
