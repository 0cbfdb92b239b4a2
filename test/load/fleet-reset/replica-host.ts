// A process of the benchmark: many simulated replicas with Redis sockets of their own, and as many bare ones.
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { startSimulatedReplica, type SimulatedReplica } from "@fleetquake/agent/testing";
import { startBareReplica } from "./bare-replica.ts";
import { inWaves } from "./in-waves.ts";

/** What the benchmark sends first. */
export interface HostOrder {
  readonly connectionString: string;
  readonly redisPort: number;
  readonly first: number;
  readonly count: number;
  readonly socketsPerReplica: number;
}

const PING = "*1\r\n$4\r\nPING\r\n";

process.once("message", (order: HostOrder) => {
  void host(order).then(
    () => process.send?.({ ready: true }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.once("disconnect", () => process.exit(0));

async function host(order: HostOrder): Promise<void> {
  const indexes = Array.from({ length: order.count }, (_, index) => order.first + index);
  await inWaves(indexes, async (index) => {
    await startBareReplica(order.connectionString, index);
    const replica = await startSimulatedReplica({
      bus: order.connectionString,
      replicaId: `simulated-${index}`,
      role: "worker",
    });
    const opening = Array.from({ length: order.socketsPerReplica }, () => open(order, replica));
    await Promise.all(opening);
  });
}

/** A connection that comes back by itself, as an application's client does. */
async function open(order: HostOrder, replica: SimulatedReplica): Promise<void> {
  const socket: Socket = connect(order.redisPort, "127.0.0.1");
  replica.track(socket);
  socket.on("error", () => undefined);
  socket.once("close", () => setTimeout(() => void open(order, replica), 20));
  await once(socket, "connect");
  socket.write(PING);
  socket.resume();
}
