import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import type { ClientRow, RedisControl } from "../control/redis-control.ts";
import type { ControlCall } from "./control-call.ts";
import { RemoteRedisControl } from "./remote-redis-control.ts";
import { serveControlCall } from "./serve-control-call.ts";

const endpoint = { host: "127.0.0.1", port: 6_379, tls: false };
const row: ClientRow = {
  id: "7",
  address: "127.0.0.1:50000",
  name: "",
  flags: "N",
  user: "default",
  multi: -1,
  watch: null,
  subscriptions: 0,
  queryBuffer: 0,
  outputBuffer: 0,
  outputList: 0,
  lastCommand: "get",
};

/** The calling end, and the calls that have crossed. */
function createRemote(isHeard = true) {
  const clock = new FakeClock();
  const calls: { callId: number; call: ControlCall }[] = [];
  const remote = new RemoteRedisControl({
    clock,
    send: (callId, call) => {
      calls.push({ callId, call });
      return isHeard;
    },
  });
  return { clock, calls, remote };
}

describe("RemoteRedisControl", () => {
  it("makes its calls on the connection of the other thread", async () => {
    const asked: unknown[] = [];
    const control: RedisControl = {
      clientList: (to, options) => {
        asked.push([to, options]);
        return Promise.resolve([row]);
      },
      unblock: (to, options) => {
        asked.push([to, options]);
        return Promise.resolve(true);
      },
      localAddresses: () => Promise.resolve(["127.0.0.1:1"]),
      close: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const clock = new FakeClock();
    const remote = new RemoteRedisControl({
      clock,
      send: (callId, call) => {
        void serveControlCall(control, call).then((answer) => remote.answer(callId, answer));
        return true;
      },
    });
    expect(await remote.clientList(endpoint, { timeoutInMs: 100 })).toEqual([row]);
    expect(await remote.unblock(endpoint, { ids: ["7"], timeoutInMs: 100 })).toBe(true);
    expect(await remote.localAddresses()).toEqual(["127.0.0.1:1"]);
    expect(asked).toEqual([
      [endpoint, { timeoutInMs: 100 }],
      [endpoint, { ids: ["7"], timeoutInMs: 100 }],
    ]);
    expect(clock.armedTimers).toBe(0);
  });

  it("answers that the server cannot be asked when no answer comes in time", async () => {
    const { clock, calls, remote } = createRemote();
    const rows = remote.clientList(endpoint, { timeoutInMs: 100 });
    await clock.advance(400);
    expect(await rows).toBeNull();
    remote.answer(calls[0]?.callId ?? 0, { method: "clientList", rows: [row] });
  });

  it("answers at once when there is no thread, and when the thread goes", async () => {
    const nobody = createRemote(false);
    expect(await nobody.remote.clientList(endpoint, { timeoutInMs: 100 })).toBeNull();
    const { clock, remote } = createRemote();
    const isDone = remote.unblock(endpoint, { ids: ["7"], timeoutInMs: 100 });
    const addresses = remote.localAddresses();
    remote.abandon();
    expect(await isDone).toBe(false);
    expect(await addresses).toEqual([]);
    expect(clock.armedTimers).toBe(0);
  });
});
