import { describe, expect, it } from "vitest";
import { startAgentWorld } from "../support/start-agent-world.ts";
import { startHost } from "../support/start-host.ts";
import { until } from "../support/until.ts";

describe("an application with the agent's preload", () => {
  it("has every Redis connection cut by a command from the bus, answers how many, and works on", async () => {
    await using world = await startAgentWorld();
    const { fleet, env } = world;
    await using host = startHost({ app: "redis-app.mjs", env });
    await host.line("working");
    const hello = await fleet.event("hello");
    expect(hello).toMatchObject({ replica_id: "host-1", role: "worker", allow: ["redis-reset"] });
    const before = await world.clientIds();
    expect(before).toHaveLength(3);

    const command = await fleet.command();
    const answer = await fleet.event(
      "acknowledgement",
      ({ command_id }) => command_id === command.command_id,
    );
    expect(answer).toMatchObject({
      state: "acknowledged",
      connections_closed: 3,
      coverage: "full",
      instance_id: hello.instance_id,
    });
    await until(async () => {
      const after = await world.clientIds();
      return after.length === 3 && after.every((id) => !before.includes(id));
    });
    await host.line("error ECONNRESET");
    const worked = host.lines().length;
    await until(() =>
      host
        .lines()
        .slice(worked)
        .some((line) => line.startsWith("worked")),
    );
    expect(host.stderr()).toBe("");
  });
});
