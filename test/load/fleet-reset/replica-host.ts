// A process of the benchmark: many simulated replicas with Redis sockets of their own, and as many bare ones.
import { connect, type Socket } from "node:net";
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

/** As clients with a back-off do: nobody is back before the answer. */
const RECONNECT_IN_MS = 250;
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
    const sockets = new Set<Socket>();
    await startBareReplica(order.connectionString, index, sockets);
    const replica = await startSimulatedReplica({
      bus: order.connectionString,
      replicaId: `simulated-${index}`,
      role: "worker",
    });
    const opening = Array.from({ length: order.socketsPerReplica }, () =>
      open(order, replica, sockets),
    );
    await Promise.all(opening);
  });
}

/** A connection that comes back by itself, as an application's client does; resolves when the first one stands. */
function open(order: HostOrder, replica: SimulatedReplica, sockets: Set<Socket>): Promise<void> {
  return new Promise((resolve) => {
    const connectOnce = (): void => {
      const socket = connect(order.redisPort, "127.0.0.1");
      replica.track(socket);
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
        setTimeout(connectOnce, RECONNECT_IN_MS);
      });
      socket.once("connect", () => {
        socket.write(PING);
        socket.resume();
        resolve();
      });
    };
    connectOnce();
  });
}
