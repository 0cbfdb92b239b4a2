import type { Acknowledgement, Command } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { startAgentWorld, type AgentWorld } from "../support/start-agent-world.ts";
import { AGENT_PRELOAD, hostModule, startHost, type StartedHost } from "../support/start-host.ts";
import { until } from "../support/until.ts";

/** Starts an application with three ioredis connections and waits until the fleet knows it. */
async function startApp(
  world: AgentWorld,
  options: { env?: Record<string, string>; preload?: string[] } = {},
): Promise<StartedHost> {
  const { env = {}, ...rest } = options;
  const host = startHost({ app: "redis-app.mjs", env: { ...world.env, ...env }, ...rest });
  await host.line("working");
  await world.fleet.event("hello");
  return host;
}

function answersTo(world: AgentWorld, command: Command): Acknowledgement[] {
  return world.fleet
    .published("acknowledgement")
    .filter(({ command_id }) => command_id === command.command_id);
}

async function answerTo(world: AgentWorld, command: Command): Promise<Acknowledgement> {
  return await world.fleet.event(
    "acknowledgement",
    ({ command_id }) => command_id === command.command_id,
  );
}

describe("an application with the agent's preload", () => {
  it("has every Redis connection cut by a command, answers how many, and works on", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    const hello = await world.fleet.event("hello");
    expect(hello).toMatchObject({ replica_id: "host-1", role: "worker", allow: ["redis-reset"] });
    const before = await world.clientIds();
    expect(before).toHaveLength(3);

    const command = await world.fleet.command();
    expect(await answerTo(world, command)).toMatchObject({
      state: "acknowledged",
      connections_closed: 3,
      coverage: "full",
      closed_by: "process",
      instance_id: hello.instance_id,
    });
    await until(async () => {
      const after = await world.clientIds();
      return after.length === 3 && after.every((id) => !before.includes(id));
    });
    await host.line("error ECONNRESET");
    const lines = host.lines().length;
    await until(() =>
      host
        .lines()
        .slice(lines)
        .some((line) => line.startsWith("worked")),
    );
    expect(host.stderr()).toBe("");
  });

  it("closes once for a command that is delivered twice, and answers twice", async () => {
    await using world = await startAgentWorld();
    await using _host = await startApp(world);
    const command = await world.fleet.command();
    const first = await answerTo(world, command);
    await until(async () => (await world.clientIds()).length === 3);
    const between = await world.clientIds();
    await world.fleet.command(command);
    await until(() => answersTo(world, command).length === 2);
    expect(answersTo(world, command)).toEqual([first, first]);
    expect(await world.clientIds()).toEqual(between);
  });

  it("refuses a command of an older epoch", async () => {
    await using world = await startAgentWorld();
    await using _host = await startApp(world);
    await answerTo(world, await world.fleet.command({ epoch: 10 }));
    await until(async () => (await world.clientIds()).length === 3);
    const between = await world.clientIds();
    const older = await answerTo(world, await world.fleet.command({ epoch: 9 }));
    expect(older).toMatchObject({
      state: "refused",
      connections_closed: 0,
      error: { code: "STALE_EPOCH" },
    });
    expect(await world.clientIds()).toEqual(between);
  });

  it("refuses a fault that it does not allow", async () => {
    await using world = await startAgentWorld();
    await using _host = await startApp(world, { env: { FLEETQUAKE_ALLOW: "none" } });
    expect((await world.fleet.event("hello")).allow).toEqual([]);
    const before = await world.clientIds();
    expect(await answerTo(world, await world.fleet.command())).toMatchObject({
      state: "refused",
      connections_closed: 0,
      error: { code: "FAULT_NOT_ALLOWED" },
    });
    expect(await world.clientIds()).toEqual(before);
  });

  it.each([600_000, -600_000])("takes part with a clock that is %d ms off", async (shift) => {
    await using world = await startAgentWorld();
    await using _host = await startApp(world, {
      env: { SHIFT_MS: String(shift) },
      preload: [hostModule("shifted-clock.mjs"), AGENT_PRELOAD],
    });
    await world.fleet.rollCall();
    await world.fleet.event("heartbeat", ({ clock_offset_ms }) => clock_offset_ms !== null);
    const command = await world.fleet.command();
    const answer = await answerTo(world, command);
    expect(answer).toMatchObject({ state: "acknowledged", connections_closed: 3 });
    expect(Math.abs((answer.clock_offset_ms ?? 0) - shift)).toBeLessThan(5_000);
    expect(Math.abs(Date.parse(answer.closed_at) - Date.now())).toBeLessThan(5_000);

    const late = await world.fleet.command({
      expires_at: new Date(Date.now() - 2_000).toISOString(),
    });
    expect(await answerTo(world, late)).toMatchObject({ state: "expired", connections_closed: 0 });
  });

  it("does not execute after the expiry what its busy loop could not execute before", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    await world.fleet.rollCall();
    await world.fleet.event("heartbeat", ({ clock_offset_ms }) => clock_offset_ms !== null);
    const before = await world.clientIds();
    host.tell("block 4000");
    const command = await world.fleet.command({
      expires_at: new Date(Date.now() + 1_000).toISOString(),
    });
    expect(await answerTo(world, command)).toMatchObject({
      state: "expired",
      error: { code: "COMMAND_EXPIRED" },
    });
    // The answer came while the loop stood still: the agent's thread gave it.
    expect(host.lines()).not.toContain("unblocked");
    await host.line("unblocked");
    const lines = host.lines().length;
    await until(() => host.lines().length > lines + 2);
    expect(await world.clientIds()).toEqual(before);
    const next = await world.fleet.command();
    expect(await answerTo(world, next)).toMatchObject({ connections_closed: 3 });
  });

  it("answers expired when it was stopped until after the expiry, late when it was not", async () => {
    await using world = await startAgentWorld();
    await using host = await startApp(world);
    await world.fleet.rollCall();
    await world.fleet.event("heartbeat", ({ clock_offset_ms }) => clock_offset_ms !== null);
    host.process.kill("SIGSTOP");
    const expiring = await world.fleet.command({
      expires_at: new Date(Date.now() + 1_000).toISOString(),
    });
    const lasting = await world.fleet.command({
      expires_at: new Date(Date.now() + 60_000).toISOString(),
    });
    await until(() => Date.now() > Date.parse(expiring.expires_at) + 500);
    expect(world.fleet.published("acknowledgement")).toEqual([]);
    host.process.kill("SIGCONT");
    expect(await answerTo(world, expiring)).toMatchObject({
      state: "expired",
      connections_closed: 0,
    });
    expect(await answerTo(world, lasting)).toMatchObject({
      state: "acknowledged",
      connections_closed: 3,
    });
  });

  it("reports how it came back", async () => {
    await using world = await startAgentWorld();
    await using _host = await startApp(world);
    const command = await world.fleet.command();
    const report = await world.fleet.event(
      "recovery-report",
      ({ all_back_ms }) => all_back_ms !== null,
    );
    expect(report).toMatchObject({
      command_id: command.command_id,
      replica_id: "host-1",
      connections_expected: 3,
      connections_back: 3,
    });
  });
});
