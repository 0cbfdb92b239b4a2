import { describe, expect, it } from "vitest";
import { startAgentWorld } from "../support/start-agent-world.ts";
import { AGENT_PRELOAD, hostModule, startHost } from "../support/start-host.ts";
import { until } from "../support/until.ts";

/** What a process does at its end, with the agent and without: the two must not differ. */
async function endings(env: Record<string, string>, args: string[], signal?: NodeJS.Signals) {
  const run = async (preload: string[]) => {
    await using host = startHost({ app: "plain.mjs", args, env, preload });
    if (signal !== undefined) {
      await host.line("ready");
      host.process.kill(signal);
    }
    const exit = await host.exit();
    const stderr = host.stderr().replaceAll(/\(node:\d+\)/g, "(node)");
    return { ...exit, lines: host.lines(), stderr };
  };
  const [withAgent, without] = await Promise.all([run([AGENT_PRELOAD]), run([])]);
  return { withAgent, without };
}

describe("the agent as a guest", () => {
  it.each<[string, NodeJS.Signals | undefined]>([
    ["return", undefined],
    ["exit-code", undefined],
    ["exit", undefined],
    ["throw", undefined],
    ["reject", undefined],
    ["stay", "SIGTERM"],
    ["stay", "SIGINT"],
    ["handle-sigterm", "SIGTERM"],
  ])("lets a process end as it would without: %s %s", async (how, signal) => {
    await using world = await startAgentWorld();
    const { withAgent, without } = await endings({ ...world.env }, [how], signal);
    expect(withAgent).toEqual(without);
  });

  it.each<[string, number | null]>([
    ["return", 0],
    ["exit-code", 7],
    ["exit", 3],
    ["throw", 1],
    // A process waits a tenth of a second for its goodbye and no longer: on a busy machine that may not do.
  ])("says goodbye when the process ends after a while: %s", { retry: 3 }, async (how, code) => {
    await using world = await startAgentWorld();
    await using host = startHost({ app: "plain.mjs", args: [how, "told"], env: world.env });
    const hello = await world.fleet.event("hello");
    host.tell("end");
    expect(await host.exit()).toEqual({ code, signal: null });
    const bye = await world.fleet.event("bye", undefined, 5_000);
    expect(bye).toMatchObject({ replica_id: "host-1", instance_id: hello.instance_id });
  });

  it("lets a script do its work and end by itself with its own exit code", async () => {
    await using world = await startAgentWorld();
    await using host = startHost({ app: "short-script.mjs", env: world.env });
    expect(await host.exit()).toEqual({ code: 7, signal: null });
    expect(host.lines()).toEqual(["done"]);
    expect(host.stderr()).toBe("");
  });

  it("keeps nobody waiting for a goodbye that the bus does not take", async () => {
    await using world = await startAgentWorld();
    await using host = startHost({ app: "plain.mjs", args: ["exit", "told"], env: world.env });
    await world.fleet.event("hello");
    await world.broker.stop();
    host.tell("end");
    expect(await host.exit(5_000)).toEqual({ code: 3, signal: null });
  });

  it.each([
    ["the preload", AGENT_PRELOAD],
    ["an import of the package", "@fleetquake/agent"],
  ])(
    "loads neither the SDK nor the schemas nor a Redis client into the application's thread by %s",
    async (_by, module) => {
      await using host = startHost({
        app: "plain.mjs",
        args: ["return"],
        env: {
          FLEETQUAKE_BUS_CONNECTION_STRING:
            "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true",
          REDIS_URL: "redis://127.0.0.1:1",
        },
        preload: [hostModule("listed-imports.mjs"), module],
      });
      expect(await host.exit()).toEqual({ code: 0, signal: null });
      const imports = host.lines().filter((line) => line.startsWith("import "));
      expect(imports.some((line) => line.endsWith("/agent/dist/start-agent.js"))).toBe(true);
      expect(imports.filter((line) => /@azure|typebox|ioredis/.test(line))).toEqual([]);
    },
  );

  it("stays out, in one line, when its configuration is wrong, and the application runs", async () => {
    await using host = startHost({
      app: "plain.mjs",
      args: ["exit-code"],
      env: { FLEETQUAKE_LABELS: "zone", FLEETQUAKE_ALLOW: "everything", REDIS_URL: "nonsense" },
    });
    expect(await host.exit()).toEqual({ code: 7, signal: null });
    const lines = host.stderr().trim().split("\n");
    expect(lines).toHaveLength(1);
    for (const name of ["BUS_CONNECTION_STRING", "LABELS", "ALLOW"]) {
      expect(lines[0]).toContain(`FLEETQUAKE_${name}`);
    }
    expect(lines[0]).toContain("REDIS_URL");
  });

  it("keeps the secret of a connection string that is wrong to itself", async () => {
    await using host = startHost({
      app: "plain.mjs",
      args: ["return"],
      env: { FLEETQUAKE_BUS_CONNECTION_STRING: "SharedAccessKeyName=a;SharedAccessKey=s3cret" },
    });
    expect(await host.exit()).toEqual({ code: 0, signal: null });
    expect(host.stderr()).toMatch(/^fleetquake: .*Endpoint/);
    expect(host.stderr()).not.toContain("s3cret");
  });

  it("makes a forked child a replica of its own", async () => {
    await using world = await startAgentWorld();
    const { FLEETQUAKE_REPLICA_ID: _id, ...env } = world.env;
    await using host = startHost({
      app: "forking.mjs",
      env: { ...env, CONTAINER_APP_REPLICA_NAME: "orders--1" },
    });
    const parent = (await host.line("parent")).split(" ")[1];
    const child = (await host.line("child")).split(" ")[1];
    await until(() => world.fleet.published("hello").length === 2);
    const hellos = world.fleet.published("hello");
    expect(hellos.map(({ replica_id }) => replica_id).sort()).toEqual(
      [`orders--1-${parent}`, `orders--1-${child}`].sort(),
    );
    expect(new Set(hellos.map(({ instance_id }) => instance_id)).size).toBe(2);
    host.process.kill("SIGTERM");
    expect(await host.exit()).toEqual({ code: 0, signal: null });
  });

  it("starts its thread again after a crash, remembers what it did, and leaves the application alone", async () => {
    await using world = await startAgentWorld();
    await using host = startHost({
      app: "redis-app.mjs",
      env: world.env,
      preload: [hostModule("crashing-thread.mjs"), AGENT_PRELOAD],
    });
    await host.line("working");
    const hello = await world.fleet.event("hello");
    const command = await world.fleet.command({ epoch: 10 });
    await world.fleet.event("acknowledgement");
    await until(async () => (await world.clientIds()).length === 3);
    const between = await world.clientIds();
    await world.fleet.event("heartbeat", ({ highest_epoch }) => highest_epoch === 10);

    const before = world.fleet.events.length;
    host.process.kill("SIGUSR2");
    await until(() =>
      world.fleet.events
        .slice(before)
        .some((event) => event.type === "hello" && event.instance_id === hello.instance_id),
    );
    await world.fleet.command(command);
    const stale = await world.fleet.command({ epoch: 9 });
    const answer = await world.fleet.event(
      "acknowledgement",
      ({ command_id }) => command_id === stale.command_id,
    );
    expect(answer).toMatchObject({ state: "refused", error: { code: "STALE_EPOCH" } });
    expect(await world.clientIds()).toEqual(between);
    expect(host.process.exitCode).toBeNull();
    expect(host.stderr()).toBe("");

    await world.fleet.command({ epoch: 11 });
    await world.fleet.event(
      "acknowledgement",
      ({ epoch, connections_closed }) => epoch === 11 && connections_closed === 3,
    );
  });
});

describe("an application that embeds the agent", () => {
  it("has one agent, whatever is started, and ends by itself once it has stopped it", async () => {
    await using world = await startAgentWorld();
    const { APP_REDIS_URL = "" } = world.env;
    await using host = startHost({
      app: "embedding.mjs",
      preload: [],
      env: { APP_REDIS_URL, BUS: world.broker.connectionString },
    });
    expect(await host.line("same")).toBe("same true");
    expect(await host.line("state")).toBe(
      `state ${JSON.stringify({ busConnected: true, isAnnounced: true, threadRestarts: 0, count: 1 })}`,
    );
    expect(await host.line("refused")).toMatch(/bus: .*; role must have/);
    const hello = await world.fleet.event("hello");
    expect(hello).toMatchObject({ role: "embedder", labels: { zone: "1" } });
    expect(hello.replica_id).toMatch(new RegExp(`-${host.pid}$`));

    host.tell("stop");
    expect(await host.line("stopped")).toBe("stopped false");
    await world.fleet.event("bye", ({ instance_id }) => instance_id === hello.instance_id);
    expect(await host.exit()).toEqual({ code: 0, signal: null });
    expect(host.stderr()).toBe("");
  });
});
