import type { Acknowledgement, Command, CommandOrder } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { startAgentWorld, type AgentWorld } from "../support/start-agent-world.ts";
import { startHost, type StartedHost } from "../support/start-host.ts";
import { until } from "../support/until.ts";

const block: CommandOrder = {
  fault: "redis-block",
  action: "inject",
  parameters: { mode: "refuse", duration_seconds: 300 },
};
const recovery: CommandOrder = { fault: "redis-block", action: "recover", parameters: {} };

/** Starts an application that consents to blocks, with three ioredis connections, known to the fleet. */
async function startApp(
  world: AgentWorld,
  changes: Readonly<Record<string, string>> = {},
): Promise<StartedHost> {
  const env = { ...world.env, FLEETQUAKE_ALLOW: "redis-reset,redis-block", ...changes };
  const host = startHost({ app: "redis-app.mjs", env });
  await host.line("working");
  await world.fleet.event("hello");
  return host;
}

async function answerTo(world: AgentWorld, command: Command): Promise<Acknowledgement> {
  return await world.fleet.event(
    "acknowledgement",
    ({ command_id }) => command_id === command.command_id,
  );
}

async function acknowledged(world: AgentWorld, order?: CommandOrder): Promise<Acknowledgement> {
  const answer = await answerTo(world, await world.fleet.command({}, order));
  expect(answer).toMatchObject({ state: "acknowledged" });
  return answer;
}

function refusalsSeenBy(host: StartedHost): number {
  return host.lines().filter((line) => line === "error ECONNREFUSED").length;
}

describe("an application whose fleet is blocked from Redis", () => {
  it("works on its connections, gets none back after a reset, and all of them after the recovery", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    const before = await world.clientIds();
    await acknowledged(world, block);
    const lines = host.lines().length;
    await until(() =>
      host
        .lines()
        .slice(lines)
        .some((line) => line.startsWith("worked")),
    );
    expect(await world.clientIds()).toEqual(before);

    expect(await acknowledged(world)).toMatchObject({ connections_closed: 3, coverage: "full" });
    await until(() => refusalsSeenBy(host) >= 9);
    expect(await world.clientIds()).toEqual([]);

    await acknowledged(world, recovery);
    await until(async () => (await world.clientIds()).length === 3);
    expect(host.stderr()).toBe("");
  });

  it("is kept out by a reset that blocks, without a gap, until the span is over", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    const parameters = { force: true, drain_timeout_ms: 5_000, block_seconds: 6 };
    const closed = await acknowledged(world, {
      fault: "redis-reset",
      action: "inject",
      parameters,
    });
    expect(closed).toMatchObject({ connections_closed: 3 });
    await until(() => refusalsSeenBy(host) >= 9);
    expect(await world.clientIds()).toEqual([]);
    await until(async () => (await world.clientIds()).length === 3);
  });

  it("is blocked while its event loop hangs, and released again", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    host.tell("block 5000");
    await acknowledged(world, block);
    expect(host.lines()).not.toContain("unblocked");
    await acknowledged(world);
    await until(() => refusalsSeenBy(host) >= 3);

    host.tell("block 3000");
    await acknowledged(world, recovery);
    await until(async () => (await world.clientIds()).length === 3);
  });

  it("answers that it cannot be blocked where it says that it uses no Redis", async () => {
    await using world = await startAgentWorld();
    await using _host = await startApp(world, { REDIS_ENABLED: "false" });
    const command = await world.fleet.command({}, block);
    expect(await answerTo(world, command)).toMatchObject({
      state: "refused",
      error: { code: "REDIS_NOT_TRACKED" },
    });
  });
});
