import { makeTestApp, type TestApp } from "@fleetquake/api/testing";
import type { FleetEvent, Log, LogFields, Problem } from "@fleetquake/contract";
import { silentLog } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { followEvents } from "../support/follow-events.ts";
import { requestJson } from "../support/request-json.ts";
import { sendRaw } from "../support/raw-http.ts";
import { until } from "../support/until.ts";

interface Served extends TestApp, AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly dropped: LogFields[];
  /** As the bus would bring it. */
  happen(id: string, size?: number): void;
}

/** An API on a real port whose fleet is scripted. */
async function serve(limits: Parameters<typeof makeTestApp>[0] = {}): Promise<Served> {
  const dropped: LogFields[] = [];
  const log: Log = {
    ...silentLog,
    warn: (_event, fields) => dropped.push(fields ?? {}),
  };
  const made = makeTestApp({ ...limits, eventLog: log });
  const url = await made.app.listen({ host: "127.0.0.1", port: 0 });
  return {
    ...made,
    url,
    port: Number(new URL(url).port),
    dropped,
    happen: (id, size = 10) => {
      const event: FleetEvent = {
        schema: 1,
        type: "bye",
        replica_id: "x".repeat(size),
        instance_id: "i",
      };
      made.events.onEvent(event, 0, { messageId: id, sizeInBytes: size });
    },
    [Symbol.asyncDispose]: () => made.app.close(),
  };
}

describe("GET /chaos/events", () => {
  it("is a stream that nothing on the way stores or holds back", async () => {
    await using api = await serve();
    await using follower = await followEvents(api.url);
    expect(follower.status).toBe(200);
    expect(follower.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
    });
    expect(follower.headers["x-request-id"]).toMatch(/./);
    expect(follower.headers["content-length"]).toBeUndefined();
    await follower.event("snapshot");
    expect(follower.retryInMs).toBe(2_000);
    const head = await requestJson(`${api.url}/chaos/events`, { method: "HEAD" });
    expect([head.status, head.headers["content-type"]]).toEqual([200, "text/event-stream"]);
    const wrong = await requestJson<Problem>(`${api.url}/chaos/events?since=1`);
    expect([wrong.status, wrong.body.code]).toEqual([400, "VALIDATION_FAILED"]);
  });

  it("sends a comment every 15 seconds, and no timer is left once nobody listens", async () => {
    await using api = await serve();
    const armed = api.clock.armedTimers;
    await using follower = await followEvents(api.url);
    await follower.event("snapshot");
    for (const beats of [1, 2, 3]) {
      await api.clock.advance(14_999);
      expect(follower.comments).toHaveLength(beats - 1);
      await api.clock.advance(1);
      await until(() => follower.comments.length === beats);
    }
    await follower[Symbol.asyncDispose]();
    await until(() => api.clock.armedTimers === armed);
  });

  it("starts with what came after the client's last event, also what is just being sent", async () => {
    await using api = await serve();
    await using first = await followEvents(api.url);
    await first.event("snapshot");
    ["a", "b", "c"].forEach((id) => api.happen(id));
    await until(() => first.of("bye").length === 3);
    await using second = await followEvents(api.url, { lastEventId: "a" });
    await until(() => second.events.length === 2);
    api.happen("d");
    await until(() => second.events.length === 3 && first.of("bye").length === 4);
    expect(second.events.map(({ id }) => id)).toEqual(["b", "c", "d"]);
    expect(first.of("bye").map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
    await using third = await followEvents(api.url, { lastEventId: "nobody's" });
    const snapshot = await third.event("snapshot");
    expect([third.events[0]?.name, snapshot.id]).toEqual(["snapshot", "d"]);
  });

  it("tells everybody how things stand when events may have been missed, and forgets what it had", async () => {
    await using api = await serve();
    await using follower = await followEvents(api.url);
    api.happen("a");
    await follower.event("bye");
    api.events.onConnected();
    await until(() => follower.of("snapshot").length === 2);
    expect(follower.events.at(-1)?.id).toBeNull();
    await using other = await followEvents(api.url, { lastEventId: "a" });
    await other.event("snapshot");
  });

  it("drops a client that does not read, with no more buffered than its bound, and goes on for the others", async () => {
    await using api = await serve({ eventLimits: { maxBufferedBytes: 200_000 } });
    await using reader = await followEvents(api.url);
    await using stalled = await followEvents(api.url, { reads: false });
    const size = 50_000;
    // The kernel's buffers take a few megabytes first.
    for (let sent = 0; api.dropped.length === 0; sent += 1) {
      expect(sent).toBeLessThan(2_000);
      api.happen(`e-${sent}`, size);
      await until(() => reader.of("bye").length === sent + 1);
    }
    expect(api.dropped).toEqual([
      { reason: "reads-too-slowly", buffered_bytes: expect.any(Number) },
    ]);
    const buffered = Number(api.dropped[0]?.["buffered_bytes"]);
    process.stdout.write(`dropped with ${buffered} bytes waiting\n`);
    expect(buffered).toBeLessThan(200_000 + 2 * size);
    stalled.resume();
    await stalled.ended;
    api.happen("last");
    await until(() => reader.of("bye").at(-1)?.id === "last");
  });

  it("drops a client that reads nothing of what waits for it between two heartbeats", async () => {
    await using api = await serve({ eventLimits: { maxBufferedBytes: 50_000_000 } });
    await using stalled = await followEvents(api.url, { reads: false });
    for (let sent = 0; sent < 300; sent += 1) {
      api.happen(`e-${sent}`, 50_000);
    }
    await api.clock.advance(45_000);
    expect(api.dropped).toMatchObject([{ reason: "reads-nothing" }]);
    stalled.resume();
    await stalled.ended;
  });

  it("serves so many clients and no more: the next is 503 and told when to come back", async () => {
    await using api = await serve({ eventLimits: { maxClients: 2 } });
    await using first = await followEvents(api.url);
    await using second = await followEvents(api.url);
    await Promise.all([first.event("snapshot"), second.event("snapshot")]);
    const refused = await requestJson<Problem>(`${api.url}/chaos/events`);
    expect([refused.status, refused.body.code, refused.headers["retry-after"]]).toEqual([
      503,
      "EVENT_STREAMS_FULL",
      "10",
    ]);
    await first[Symbol.asyncDispose]();
    await until(async () => {
      await using next = await followEvents(api.url);
      return next.status === 200;
    });
  });

  it("ends when the API ends, for clients that read and for those that do not", async () => {
    await using api = await serve({ eventLimits: { maxBufferedBytes: 50_000_000 } });
    await using reader = await followEvents(api.url);
    await using stalled = await followEvents(api.url, { reads: false });
    for (let sent = 0; sent < 300; sent += 1) {
      api.happen(`e-${sent}`, 50_000);
    }
    await until(() => reader.of("bye").length === 300);
    const startInMs = performance.now();
    await api.app.close();
    const tookInMs = performance.now() - startInMs;
    process.stdout.write(`closed in ${Math.round(tookInMs)} ms\n`);
    expect(tookInMs).toBeLessThan(5_000);
    await reader.ended;
    stalled.resume();
    await stalled.ended;
  });

  it("cannot be made to send forged events by a message's id", async () => {
    await using api = await serve();
    const text = sendRaw(
      api.port,
      "GET /chaos/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
      (soFar) => soFar.includes("event: bye"),
    );
    await until(() => api.clock.armedTimers > 0);
    api.happen("x\nevent: forged\ndata: {}\n\nid: y");
    expect(await text).not.toContain("event: forged");
  });
});
