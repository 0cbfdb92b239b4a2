import { LockContendedError } from "@fleetquake/coordinator/ports";
import { expect, it } from "vitest";
import type { ConformanceBroker } from "./conformance-broker.ts";
import { connectRawClient } from "./raw-client.ts";
import { startApis } from "./started-members.ts";

/** A cloud's broker is some milliseconds away, and gives a dead holder's lock back after fifteen seconds. */
const LOCK_TIMEOUT_IN_MS = 20_000;

/** Adds the tests of the fleet's lock. */
export function describeLock(broker: () => ConformanceBroker): void {
  it("serves 20 contenders at four API replicas one at a time, and each reads what the last one wrote", async () => {
    await using apis = await startApis(broker(), 4);
    const first = apis.at(0);
    const options = { timeoutInMs: LOCK_TIMEOUT_IN_MS };
    await first.transport.lock.withLock("redis-reset", (held) => held.write(null), options);
    let inside = 0;
    const epochs: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const api = apis.at(index % 4);
        await api.transport.lock.withLock(
          "redis-reset",
          async (held) => {
            inside += 1;
            expect(inside).toBe(1);
            const epoch = epochOf(await held.read()) + 1;
            await held.write(recordOf(api.issuer, epoch));
            epochs.push(epoch);
            inside -= 1;
          },
          options,
        );
      }),
    );
    expect(epochs).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    const last = await first.transport.lock.withLock("redis-reset", (held) => held.read(), options);
    expect(epochOf(last)).toBe(20);
  });

  it("turns away who cannot have the lock within its time, here and at another API replica", async () => {
    await using apis = await startApis(broker(), 2);
    const [holder, other] = [apis.at(0), apis.at(1)];
    await holder.transport.lock.withLock(
      "redis-reset",
      async () => {
        for (const { transport } of [holder, other]) {
          await expect(
            transport.lock.withLock("redis-reset", () => Promise.resolve(), { timeoutInMs: 300 }),
          ).rejects.toThrow(LockContendedError);
        }
      },
      { timeoutInMs: LOCK_TIMEOUT_IN_MS },
    );
    await other.transport.lock.withLock("redis-reset", (held) => held.read(), {
      timeoutInMs: LOCK_TIMEOUT_IN_MS,
    });
  });

  it("gives the lock of a holder that went away to the next", async () => {
    await using apis = await startApis(broker(), 2);
    const [holder, other] = [apis.at(0), apis.at(1)];
    await holder.transport.lock.withLock("redis-reset", () => holder.transport.bus.close(), {
      timeoutInMs: LOCK_TIMEOUT_IN_MS,
    });
    const served = await other.transport.lock.withLock("redis-reset", () => Promise.resolve(true), {
      timeoutInMs: LOCK_TIMEOUT_IN_MS,
    });
    expect(served).toBe(true);
  });

  it("takes a state that is not JSON, or too long, for none", async () => {
    await using apis = await startApis(broker(), 1);
    await using client = await connectRawClient(broker().connection);
    for (const state of [Buffer.from("not json"), Buffer.alloc(20_000, "[")]) {
      await client.writeLockState("redis-reset", state);
      const read = await apis.at(0).transport.lock.withLock("redis-reset", (held) => held.read(), {
        timeoutInMs: LOCK_TIMEOUT_IN_MS,
      });
      expect(read).toBeNull();
    }
  });
}

function recordOf(issuer: string, epoch: number) {
  return { commandId: `c-${epoch}`, epoch, issuer };
}

function epochOf(record: unknown): number {
  const isRecord = typeof record === "object" && record !== null && "epoch" in record;
  return isRecord ? Number(record.epoch) : 0;
}
