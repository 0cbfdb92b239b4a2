import type { CloseReport, RedisState } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { emptyCloseReport, type ConnectionSet } from "@fleetquake/replica";
import { describe, expect, it } from "vitest";
import { CloseClaim } from "./close-claim.ts";
import { toCloseResult } from "./close-result.ts";
import { CloseService } from "./close-service.ts";
import { ThreadConnections } from "./thread-connections.ts";
import type { FromThread } from "./thread-message.ts";

type CloseRequest = Extract<FromThread, { type: "close" }>;

const state: RedisState = {
  connected: true,
  enabled: true,
  connection_count: 2,
  connections: { command: 2, blocking: 0, subscriber: 0, unknown: 0 },
  unseen: 0,
  last_reset: null,
};

/** Both ends with a wire between them that delivers when it is told to, like the queue of a busy loop. */
function connectEnds(
  close: () => Promise<CloseReport> = () => Promise.resolve(emptyCloseReport()),
) {
  const clock = new FakeClock();
  const inbox: CloseRequest[] = [];
  const closes: string[] = [];
  const connections: ConnectionSet = {
    state: () => state,
    recovery: () => null,
    close: (options) => {
      closes.push(options.commandId);
      return close();
    },
  };
  const thread = new ThreadConnections({
    clock,
    state,
    post: (message) => {
      if (message.type === "close") {
        inbox.push(message);
      }
    },
    prepareOutsideClose: () => Promise.resolve(null),
  });
  const service = new CloseService({
    connections,
    clock,
    post: ({ requestId, result }) => thread.closeDone(requestId, result),
    pushState: () => undefined,
  });
  const deliver = async (): Promise<void> => {
    for (const request of inbox.splice(0)) {
      await service.serve(request);
    }
  };
  const ask = (commandId: string, spanInMs = 1_000): Promise<CloseReport> =>
    thread.close({
      commandId,
      force: true,
      drainTimeoutInMs: 5_000,
      expiresAtMonotonicInMs: clock.monotonicInMs() + spanInMs,
    });
  return { clock, closes, ask, deliver, thread };
}

describe("a close between the threads", () => {
  it("is executed by the application's thread and answered to the agent's", async () => {
    const { ask, deliver, closes, clock } = connectEnds(() =>
      Promise.resolve({ ...emptyCloseReport(), connections_closed: 2 }),
    );
    const report = ask("c-1");
    await deliver();
    expect((await report).connections_closed).toBe(2);
    expect(closes).toEqual(["c-1"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("expires in the agent's thread when the loop is busy, and is not executed later", async () => {
    const { ask, deliver, closes, clock } = connectEnds();
    const report = ask("c-1");
    const result = toCloseResult(() => report);
    await clock.advance(1_000);
    expect(await result).toMatchObject({ ok: false, isExpired: true });
    await deliver();
    expect(closes).toEqual([]);
  });

  it("is not executed by a loop that looks at it first after both threads were stopped", async () => {
    const clock = new FakeClock();
    const posted: unknown[] = [];
    const service = new CloseService({
      connections: {
        state: () => state,
        recovery: () => null,
        close: () => Promise.reject(new Error("must not be reached")),
      },
      clock,
      post: (message) => posted.push(message),
      pushState: () => undefined,
    });
    await clock.advance(60_000);
    const options = {
      commandId: "c-1",
      force: true,
      drainTimeoutInMs: 1,
      expiresAtMonotonicInMs: 1,
    };
    await service.serve({ type: "close", requestId: 1, options, claim: new CloseClaim().shared });
    expect(posted).toMatchObject([{ result: { ok: false, isExpired: true } }]);
  });

  it("is answered, not executed, when a restarted thread asks for it again", async () => {
    const { ask, deliver, closes } = connectEnds(() =>
      Promise.resolve({ ...emptyCloseReport(), connections_closed: 2 }),
    );
    const first = ask("c-1");
    await deliver();
    const second = ask("c-1");
    await deliver();
    expect(await second).toEqual(await first);
    expect(closes).toEqual(["c-1"]);
  });

  it("hands a failure over with its code", async () => {
    const { ask, deliver } = connectEnds(() =>
      Promise.reject(Object.assign(new Error("blocked"), { code: "LOOP_BLOCKED" })),
    );
    const report = ask("c-1");
    const result = toCloseResult(() => report);
    await deliver();
    expect(await result).toMatchObject({ ok: false, message: "blocked", code: "LOOP_BLOCKED" });
  });

  it("is given up when it began and is never reported done", async () => {
    const { ask, deliver, clock } = connectEnds(() => new Promise(() => undefined));
    const report = ask("c-1");
    const result = toCloseResult(() => report);
    void deliver();
    await clock.advance(6_000);
    expect(await result).toMatchObject({ ok: false, code: "CLOSE_UNCONFIRMED" });
    expect(clock.armedTimers).toBe(0);
  });
});

describe("CloseClaim", () => {
  it("goes to whoever comes first", () => {
    const taken = new CloseClaim();
    expect(taken.take()).toBe(true);
    expect(new CloseClaim(taken.shared).cancel()).toBe(false);
    const cancelled = new CloseClaim();
    expect(cancelled.cancel()).toBe(true);
    expect(new CloseClaim(cancelled.shared).take()).toBe(false);
    expect(cancelled.cancel()).toBe(false);
  });
});
