import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { startSimulatedReplica } from "@fleetquake/agent/testing";
import { describe, expect, it } from "vitest";
import { startAgentWorld } from "../support/start-agent-world.ts";
import { until } from "../support/until.ts";

const REPLICAS = 20;
const CONNECTIONS = 5;

async function openSockets(port: number): Promise<Socket[]> {
  return await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      await once(socket, "connect");
      return socket;
    }),
  );
}

describe("simulated replicas", () => {
  it("are replicas of their own in one process: each closes and counts its own sockets alone", async () => {
    await using world = await startAgentWorld();
    const replicas = await Promise.all(
      Array.from({ length: REPLICAS }, (_, index) =>
        startSimulatedReplica({
          bus: world.broker.connectionString,
          replicaId: `simulated-${index}`,
          heartbeatIntervalInMs: 1_000,
        }),
      ),
    );
    const sockets: Socket[] = [];
    for (const replica of replicas) {
      for (const socket of await openSockets(world.redis.port)) {
        replica.track(socket);
        sockets.push(socket);
      }
    }
    await until(() => world.fleet.published("hello").length === REPLICAS);

    await world.fleet.command({ target: { replicas: ["simulated-3"] } });
    expect(await world.fleet.event("acknowledgement")).toMatchObject({
      replica_id: "simulated-3",
      connections_closed: CONNECTIONS,
    });
    const all = await world.fleet.command();
    const answers = () =>
      world.fleet.published("acknowledgement").filter((a) => a.command_id === all.command_id);
    await until(() => answers().length === REPLICAS);
    const closed = answers().reduce((sum, answer) => sum + answer.connections_closed, 0);
    expect(closed).toBe((REPLICAS - 1) * CONNECTIONS);
    expect(sockets.every((socket) => socket.destroyed)).toBe(true);

    await Promise.all(replicas.map((replica) => replica.close()));
    await until(() => world.fleet.published("bye").length === REPLICAS);
  });
});
