import type { CommandOrder } from "@fleetquake/contract";
import { startBroker } from "@fleetquake/servicebus-emulator";
import { describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { hostileMessages } from "../support/hostile-messages.ts";
import { connectClients } from "../support/service-bus-clients.ts";
import { startAgentWorld } from "../support/start-agent-world.ts";
import { startHost, type StartedHost } from "../support/start-host.ts";
import { until } from "../support/until.ts";

const drain: CommandOrder = {
  fault: "redis-reset",
  action: "inject",
  parameters: { force: false, drain_timeout_ms: 3_000 },
};

/** Waits until the application has done more work than so far. */
async function untilWorking(host: StartedHost): Promise<void> {
  const worked = (): number => host.lines().filter((line) => line.startsWith("worked")).length;
  const before = worked();
  await until(() => worked() > before + 3);
}

const sharedAccessKey = "a key that outlives its broker";

describe("an agent whose bus has trouble", () => {
  it("joins the fleet when a broker comes up that was down at the start", async () => {
    const port = await freePort();
    await using world = await startAgentWorld({ port, sharedAccessKey });
    await world.broker.stop();
    await using host = startHost({ app: "redis-app.mjs", env: world.env });
    await host.line("working");
    await untilWorking(host);

    await using _broker = await startBroker({ port, sharedAccessKey });
    await world.fleet.event("heartbeat");
    await world.fleet.command();
    const answer = await world.fleet.event("acknowledgement");
    expect(answer).toMatchObject({ state: "acknowledged", connections_closed: 3 });
    expect(host.stderr()).toBe("");
  });

  it("lets the application work on while the broker is gone, and comes back with it", async () => {
    const port = await freePort();
    await using world = await startAgentWorld({ port, sharedAccessKey });
    await using host = startHost({ app: "redis-app.mjs", env: world.env });
    await host.line("working");
    const hello = await world.fleet.event("hello");
    await world.broker.stop();
    await until(() => !world.fleet.bus.connected);
    await untilWorking(host);
    const before = world.fleet.events.length;

    await using _broker = await startBroker({ port, sharedAccessKey });
    // The new broker has forgotten all subscriptions; who is back first misses what the other says at once.
    await until(() => world.fleet.events.slice(before).some(({ type }) => type === "heartbeat"));
    expect(world.fleet.published("heartbeat").at(-1)?.instance_id).toBe(hello.instance_id);
    const command = await world.fleet.command();
    const answer = await world.fleet.event(
      "acknowledgement",
      ({ command_id }) => command_id === command.command_id,
    );
    expect(answer).toMatchObject({ state: "acknowledged", connections_closed: 3 });
    expect(host.lines()).not.toContain("failed");
  });

  it("drops 200 hostile messages, counts each, executes none, and goes on", async () => {
    await using world = await startAgentWorld();
    await using host = startHost({ app: "redis-app.mjs", env: world.env });
    await host.line("working");
    await world.fleet.event("hello");
    await world.fleet.rollCall({ heartbeat_interval_ms: 200 });
    const before = await world.clientIds();

    await using clients = connectClients(world.broker);
    const sender = clients.client.createSender("chaos-commands");
    for (const message of hostileMessages(200)) {
      await sender.sendMessages(message);
    }
    const heartbeat = await world.fleet.event(
      "heartbeat",
      ({ dropped_messages }) => dropped_messages >= 200,
    );
    expect(heartbeat.dropped_messages).toBe(200);
    expect(world.fleet.published("acknowledgement")).toEqual([]);
    expect(await world.clientIds()).toEqual(before);

    await world.fleet.command();
    const answer = await world.fleet.event("acknowledgement");
    expect(answer).toMatchObject({ state: "acknowledged", connections_closed: 3 });
    expect(world.fleet.published("hello")).toHaveLength(2);
    expect(host.process.exitCode).toBeNull();
    expect(host.stderr()).toBe("");
  });
});

describe("a drain asked for over the bus", () => {
  it("asks the server through the control connection of the agent's thread", async () => {
    await using world = await startAgentWorld();
    await using host = startHost({
      app: "redis-app.mjs",
      env: { ...world.env, REDIS_URL: world.redis.url },
    });
    await host.line("working");
    await world.fleet.event("hello");
    await world.fleet.command({}, drain);
    const answer = await world.fleet.event("acknowledgement");
    expect(answer).toMatchObject({
      state: "acknowledged",
      connections_closed: 3,
      drain_method: "server",
      drained: 3,
      interrupted: 0,
      coverage: "full",
    });
    await until(async () => (await world.clientIds()).length === 3);
    await untilWorking(host);
    expect(host.lines().filter((line) => line.startsWith("failed"))).toEqual([]);
  });

  it("is quiet without credentials of the agent's own, and says so", async () => {
    await using world = await startAgentWorld();
    await using host = startHost({ app: "redis-app.mjs", env: world.env });
    await host.line("working");
    await world.fleet.event("hello");
    await world.fleet.command({}, drain);
    const answer = await world.fleet.event("acknowledgement");
    expect(answer).toMatchObject({ state: "acknowledged", drain_method: "quiet" });
    expect(answer.connections_closed).toBe(3);
  });
});
