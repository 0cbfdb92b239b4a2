/**
 * The embedded broker as a process of its own, with the topology of a fleet. Told by its environment:
 * FLEETQUAKE_BROKER = {port, sharedAccessKey}; says over IPC where it listens.
 */
import { TOPOLOGY } from "@fleetquake/bus/topology";
import { startBroker } from "@fleetquake/servicebus-emulator";
import type { BrokerSeat } from "./broker-seat.ts";

function readSeat(text: string | undefined): BrokerSeat {
  const seat: BrokerSeat = JSON.parse(text ?? "");
  return seat;
}

const seat = readSeat(process.env["FLEETQUAKE_BROKER"]);
delete process.env["FLEETQUAKE_BROKER"];

const broker = await startBroker({
  ...seat,
  entities: {
    topics: [{ name: TOPOLOGY.commandsTopic }, { name: TOPOLOGY.eventsTopic }],
    queues: [
      {
        name: TOPOLOGY.locksQueue,
        lockDuration: TOPOLOGY.lockDuration,
        requiresSession: true,
      },
    ],
  },
});

let isLeaving = false;
const leave = (): void => {
  if (!isLeaving) {
    isLeaving = true;
    void broker.stop().finally(() => process.exit(0));
  }
};
process.on("SIGINT", () => undefined);
process.on("SIGTERM", leave);
process.on("disconnect", leave);

process.send?.({
  ready: true,
  port: broker.port,
  connectionString: broker.connectionString,
});
