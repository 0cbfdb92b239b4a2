import { readFileSync } from "node:fs";
import { spawn } from "node:child_process";
import type { DryRunAnswer, RedisResetAnswer } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { followEvents, type EventFollower, type ReceivedEvent } from "../support/follow-events.ts";
import { connectClients } from "../support/service-bus-clients.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { until } from "../support/until.ts";

/** Promised within 5 s; asserted at three times that, since the machine may be busy. */
const END_BOUND_IN_MS = 15_000;

let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({ replicas: 2, apis: 2, env: { FLEETQUAKE_RESET_COOLDOWN_MS: "100" } });
});

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

async function reset(): Promise<RedisResetAnswer> {
  await until(async () => {
    const { body } = await fleet.post<DryRunAnswer>("/chaos/redis-reset", { dry_run: true });
    return body.would_be_refused === null;
  });
  const { status, body } = await fleet.post<RedisResetAnswer>("/chaos/redis-reset");
  expect(status).toBe(200);
  return body;
}

/** Those of one command, in the order in which they came. */
function ofCommand(follower: EventFollower, commandId: string): readonly ReceivedEvent[] {
  return follower.events.filter(
    ({ data }) => "command_id" in data && data.command_id === commandId,
  );
}

function idsOf(events: readonly ReceivedEvent[]): readonly (string | null)[] {
  return events.map(({ id }) => id);
}

async function closedIn(follower: EventFollower, commandId: string): Promise<void> {
  await follower.event("command-closed", ({ command_id }) => command_id === commandId);
}

describe("GET /chaos/events of a fleet", () => {
  it("starts with how things stand, and shows a reset in order: opened, each answer, closed, recovery", async () => {
    await using follower = await followEvents(fleet.url);
    const { data } = await follower.event("snapshot");
    expect(data.status.fleet).toMatchObject({ replicas: 4, active: 4 });

    const { command_id: id, connections_closed } = await reset();
    await closedIn(follower, id);
    await follower.event("recovery-report", ({ command_id }) => command_id === id);
    const types = ofCommand(follower, id).map(({ name }) => name);
    expect(types[0]).toBe("command-opened");
    expect(types.slice(1, 5).every((type) => type === "acknowledgement")).toBe(true);
    expect(types.indexOf("command-closed")).toBeGreaterThan(types.lastIndexOf("acknowledgement"));
    const answers = follower.of("acknowledgement").filter((event) => event.data.command_id === id);
    expect(answers.map((answer) => answer.data.state)).toEqual(
      Array.from({ length: 4 }, () => "acknowledged"),
    );
    const closed = answers.reduce((sum, answer) => sum + answer.data.connections_closed, 0);
    expect(closed).toBe(connections_closed);
    const ids = idsOf(ofCommand(follower, id));
    expect(ids).not.toContain(null);
    expect(new Set(ids).size).toBe(ids.length);
    expect(follower.events.every(({ name, data: shown }) => name === shown.type)).toBe(true);
  });

  it("goes on at another API after the last event: nothing is missed, nothing repeated", async () => {
    await using whole = await followEvents(fleet.url);
    await whole.event("snapshot");
    const first = await followEvents(fleet.url);
    const { command_id: firstId } = await reset();
    await first.event("acknowledgement", ({ command_id }) => command_id === firstId);
    await first[Symbol.asyncDispose]();
    const last = first.events.at(-1);

    const { command_id: secondId } = await reset();
    await closedIn(whole, secondId);
    await using second = await followEvents(fleet.urls[1] ?? "", { lastEventId: last?.id ?? "" });
    await closedIn(second, secondId);
    const { command_id: thirdId } = await reset();
    await Promise.all([closedIn(whole, thirdId), closedIn(second, thirdId)]);

    const expected = whole.events.slice(whole.events.findIndex(({ id }) => id === last?.id) + 1);
    const upTo = (events: readonly ReceivedEvent[]): readonly (string | null)[] =>
      idsOf(events.slice(0, events.findIndex(({ data }) => isClosing(data, thirdId)) + 1));
    expect(second.of("snapshot")).toEqual([]);
    expect(upTo(second.events).length).toBeGreaterThan(6);
    expect(upTo(second.events)).toEqual(upTo(expected));
  });

  it("starts with a snapshot for a client whose last event is not known here", async () => {
    const { command_id } = await reset();
    await using follower = await followEvents(fleet.url, { lastEventId: "of-another-time" });
    const { data } = await follower.event("snapshot");
    expect(follower.events[0]?.name).toBe("snapshot");
    expect(data.commands[0]?.command_id).toBe(command_id);
  });

  it("works with curl -N", async () => {
    const curl = spawn("curl", ["-sN", `${fleet.url}/chaos/events`]);
    let text = "";
    curl.stdout.on("data", (chunk) => (text += String(chunk)));
    try {
      await until(() => text.includes("event: snapshot\n"));
      const { command_id } = await reset();
      await until(() => text.slice(text.indexOf(command_id)).includes("event: command-closed\n"));
      expect(text).toMatch(/^retry: 2000\n\n/);
    } finally {
      curl.kill();
    }
  });

  it("drops a client that reads nothing while much happens: memory stays flat, resets go on", async () => {
    const [api] = fleet.apis;
    const pid = api?.process.pid ?? 0;
    await using reader = await followEvents(fleet.url);
    await reader.event("snapshot");
    // The first flood makes the heap as large as it needs to be, and a collector may make it larger once more. What a
    // stalled client adds would come with each of the others.
    await flood(reader, "first", 150);
    await using stalled = await followEvents(fleet.url, { reads: false });
    const grown: number[] = [];
    for (const flooded of ["second", "third"]) {
      const before = residentMegabytes(pid);
      await flood(reader, flooded, 225);
      grown.push(residentMegabytes(pid) - before);
    }
    process.stdout.write(
      `twice 45 MB of events past a stalled client: the API grew by ${grown.join(" and ")} MB\n`,
    );
    expect(Math.min(...grown)).toBeLessThan(45 / 2);
    stalled.resume();
    await stalled.ended;
    expect(stalled.events.length).toBeLessThan(450 * BATCH_SIZE);
    await reset();
  });

  it("tells how things stand anew when the bus was away", async () => {
    await using follower = await followEvents(fleet.url);
    await follower.event("snapshot");
    await fleet.killBroker();
    await fleet.restartBroker();
    await until(() => follower.of("snapshot").length >= 2, 20_000);
    expect(follower.of("snapshot").at(-1)?.data.status.bus.connected).toBe(true);
    await fleet.waitForRoster();
  });

  it("ends when its API ends, which it does not hold up", async () => {
    const [api] = fleet.apis;
    await using follower = await followEvents(fleet.url);
    await follower.event("snapshot");
    const startInMs = performance.now();
    api?.process.signal("SIGTERM");
    await follower.ended;
    const streamInMs = performance.now() - startInMs;
    const end = await api?.process.ended;
    const endInMs = performance.now() - startInMs;
    process.stdout.write(
      `SIGTERM: stream ended after ${Math.round(streamInMs)} ms, API after ${Math.round(endInMs)} ms\n`,
    );
    expect(end?.code).toBe(0);
    expect(endInMs).toBeLessThan(END_BOUND_IN_MS);
  });
});

function isClosing(data: ReceivedEvent["data"], commandId: string): boolean {
  return data.type === "command-closed" && data.command_id === commandId;
}

const BATCH_SIZE = 40;

/** Publishes batches of 200 KB of events, in steps since this process is busy sending: one that reads keeps up. */
async function flood(reader: EventFollower, name: string, batches: number): Promise<void> {
  await using clients = connectClients({ connectionString: fleet.busConnectionString });
  const sender = clients.client.createSender("chaos-events");
  const before = reader.of("command-closed").length;
  for (let batch = 0; batch < batches; batch += 1) {
    const messages = Array.from({ length: BATCH_SIZE }, (_, index) =>
      closing(`${name}-${batch}-${index}`),
    );
    await sender.sendMessages(messages);
    const sent = (batch + 1) * BATCH_SIZE;
    await until(() => reader.of("command-closed").length - before >= sent, 30_000);
  }
}

/** An event that concerns no command that anybody knows, and is large: readers of events are tolerant. */
function closing(id: string): { readonly body: Buffer; readonly messageId: string } {
  const event = {
    schema: 1,
    type: "command-closed",
    command_id: id,
    issuer: "nobody",
    closed_at: "2026-01-01T00:00:00.000Z",
    duration_ms: 1,
    published: "yes",
    padding: "x".repeat(5_000),
  };
  return { body: Buffer.from(JSON.stringify(event)), messageId: id };
}

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024);
}
