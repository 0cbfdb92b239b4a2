import type { CloseReport, RedisState } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { emptyCloseReport, type RecoveryObservation } from "@fleetquake/replica";
import { describe, expect, it } from "vitest";
import type { OutsideClose } from "../outside/close-clients.ts";
import type { ConnectionPicture } from "../sockets/connection-picture.ts";
import { CloseClaim } from "./close-claim.ts";
import { toCloseResult } from "./close-result.ts";
import { ThreadConnections } from "./thread-connections.ts";
import type { FromThread } from "./thread-message.ts";

const state: RedisState = {
  connected: true,
  enabled: true,
  connection_count: 3,
  connections: { command: 2, blocking: 1, subscriber: 0, unknown: 0 },
  unseen: 0,
  last_reset: null,
};
const recovery: RecoveryObservation = {
  connectionsExpected: 3,
  connectionsBack: 3,
  socketRecoveredInMs: 1,
  allBackInMs: 2,
  commandRecoveredInMs: 1,
  workRecoveredInMs: null,
  reconnectAttempts: 3,
  errorsSeen: 0,
};
const picture: ConnectionPicture = {
  state,
  recovery,
  recoverySinceInMs: -5_000,
  sockets: { endpoints: [], connections: [], unixConnections: 0, unclassified: 0, lastSerial: 7 },
};
const serverReport: CloseReport = {
  ...emptyCloseReport(),
  closed_by: "server",
  connections_closed: 3,
  connections: { command: 2, blocking: 1, subscriber: 0, unknown: 0 },
};

interface Outside {
  /** How long the checks take; null: they find no way. */
  readonly prepareInMs: number | null;
  readonly closeInMs?: number;
  readonly failure?: Error;
}

/** The agent's thread, an application that takes no messages until it is told to, and a way round it. */
function createThread({ prepareInMs, closeInMs = 0, failure }: Outside, clock = new FakeClock()) {
  const posted: FromThread[] = [];
  const closes: number[] = [];
  const after = (spanInMs: number): Promise<void> =>
    new Promise((resolve) => clock.after(spanInMs, resolve));
  const close = async (): Promise<OutsideClose> => {
    closes.push(clock.monotonicInMs());
    await after(closeInMs);
    if (failure !== undefined) {
      throw failure;
    }
    return { report: serverReport, knownClosed: 3, closedAtInMs: clock.monotonicInMs() };
  };
  const thread = new ThreadConnections({
    clock,
    state,
    post: (message) => posted.push(message),
    prepareOutsideClose: async () => {
      await after(prepareInMs ?? 0);
      return prepareInMs === null ? null : close;
    },
  });
  thread.update(picture);
  const ask = (options: { force: boolean; spanInMs?: number } = { force: true }) =>
    toCloseResult((onClosed) =>
      thread.close({
        commandId: "c-1",
        force: options.force,
        drainTimeoutInMs: 1_000,
        expiresAtMonotonicInMs: clock.monotonicInMs() + (options.spanInMs ?? 10_000),
        onClosed,
      }),
    );
  /** The application's loop takes the request. @returns whether it was still to be had. */
  const take = (): boolean => {
    const request = posted.find((message) => message.type === "close");
    return request?.type === "close" && new CloseClaim(request.claim).take();
  };
  return { clock, closes, posted, thread, ask, take };
}

describe("a forced close that the application's loop does not come round to", () => {
  it("is carried out from outside, and is the loop's no more", async () => {
    const { clock, ask, take, posted, closes } = createThread({ prepareInMs: 20 });
    const result = ask();
    await clock.advance(240);
    expect(closes).toEqual([]);
    await clock.advance(100);
    expect(await result).toMatchObject({ ok: true, report: serverReport, closedAtInMs: 270 });
    expect(take()).toBe(false);
    expect(posted[1]).toMatchObject({
      type: "closed-from-outside",
      commandId: "c-1",
      close: { closed: 3, lastSerial: 7, closedAtInMs: 270 },
    });
    expect(clock.armedTimers).toBe(0);
  });

  it("is the loop's when that comes round during the checks", async () => {
    const { clock, ask, take, thread, closes } = createThread({ prepareInMs: 100 });
    const result = ask();
    await clock.advance(300);
    expect(take()).toBe(true);
    await clock.advance(100);
    expect(closes).toEqual([]);
    thread.closeDone(1, { ok: true, report: emptyCloseReport(), closedAtInMs: null });
    expect(await result).toMatchObject({ report: { closed_by: "process" } });
    expect(clock.armedTimers).toBe(0);
  });

  it("stays the loop's until it expires when there is no way from outside", async () => {
    const { clock, ask, take, closes } = createThread({ prepareInMs: null });
    const result = ask();
    await clock.advance(9_999);
    expect(closes).toEqual([]);
    expect(take()).toBe(true);
    await clock.advance(6_000);
    expect(await result).toMatchObject({ ok: false, code: "CLOSE_UNCONFIRMED" });
  });

  it("expires during the checks, and is then not carried out by anybody", async () => {
    const { clock, ask, take, closes } = createThread({ prepareInMs: 500 });
    const result = ask({ force: true, spanInMs: 400 });
    await clock.advance(1_000);
    expect(await result).toMatchObject({ ok: false, isExpired: true });
    expect(closes).toEqual([]);
    expect(take()).toBe(false);
  });

  it("does not expire any more once it has begun", async () => {
    const { clock, ask } = createThread({ prepareInMs: 50, closeInMs: 500 });
    const result = ask({ force: true, spanInMs: 400 });
    await clock.advance(1_000);
    expect(await result).toMatchObject({ ok: true, closedAtInMs: 800 });
  });

  it("fails when Redis does not say what became of it", async () => {
    const failure = Object.assign(new Error("silence"), { code: "CLOSE_UNCONFIRMED" });
    const { clock, ask, posted } = createThread({ prepareInMs: 0, failure });
    const result = ask();
    await clock.advance(300);
    expect(await result).toMatchObject({ ok: false, code: "CLOSE_UNCONFIRMED" });
    expect(posted).toHaveLength(1);
  });

  it("leaves a picture without what is gone, and no recovery, until the loop is back and looks", async () => {
    const { clock, ask, thread } = createThread({ prepareInMs: 0 });
    expect(thread.recovery()).toEqual(recovery);
    const result = ask();
    await clock.advance(300);
    await result;
    expect(thread.state()).toMatchObject({
      connected: false,
      connection_count: 0,
      connections: { command: 0, blocking: 0 },
    });
    expect(thread.recovery()).toBeNull();
    thread.update(picture);
    expect(thread.recovery()).toBeNull();
    thread.update({ ...picture, recoverySinceInMs: 250 });
    expect(thread.recovery()).toEqual(recovery);
    expect(thread.state()).toEqual(state);
  });
});

/** Timers fire late on it, as in a process that was stopped. */
class StallingClock extends FakeClock {
  stalledInMs = 0;

  override monotonicInMs(): number {
    return super.monotonicInMs() + this.stalledInMs;
  }
}

describe("a process that was stopped as a whole", () => {
  it("gives its loop the time anew, before it is taken for blocked", async () => {
    const clock = new StallingClock();
    const { ask, take, thread, closes } = createThread({ prepareInMs: 0 }, clock);
    const result = ask();
    clock.stalledInMs = 5_000;
    await clock.advance(250);
    expect(closes).toEqual([]);
    expect(take()).toBe(true);
    thread.closeDone(1, { ok: true, report: emptyCloseReport(), closedAtInMs: null });
    expect(await result).toMatchObject({ report: { closed_by: "process" } });
    expect(clock.armedTimers).toBe(0);
  });
});

describe("a drain that the application's loop does not come round to", () => {
  it("fails with LOOP_BLOCKED after two seconds, and is not done later", async () => {
    const { clock, ask, take } = createThread({ prepareInMs: 0 });
    const result = ask({ force: false });
    await clock.advance(2_000);
    expect(await result).toMatchObject({ ok: false, code: "LOOP_BLOCKED" });
    expect(take()).toBe(false);
    expect(clock.armedTimers).toBe(0);
  });

  it("fails while there is still time for its answer when the command expires soon", async () => {
    const { clock, ask } = createThread({ prepareInMs: 0 });
    const result = ask({ force: false, spanInMs: 2_000 });
    await clock.advance(1_000);
    expect(await result).toMatchObject({ ok: false, code: "LOOP_BLOCKED" });
  });

  it("is done by a loop that was only busy for a while", async () => {
    const { clock, ask, take, thread, closes } = createThread({ prepareInMs: 0 });
    const result = ask({ force: false });
    await clock.advance(300);
    expect(take()).toBe(true);
    await clock.advance(3_000);
    thread.closeDone(1, { ok: true, report: emptyCloseReport(), closedAtInMs: null });
    expect(await result).toMatchObject({ ok: true });
    expect(closes).toEqual([]);
  });
});
