import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { AMQP_HEADER, described, rawFrame } from "../support/amqp-fuzz/raw-frames.ts";
import { startWatchedBroker, type WatchedBroker } from "../support/start-watched-broker.ts";
import { startSteadyClient } from "../support/steady-client.ts";
import { until } from "../support/until.ts";

/** More than a broker may keep for one client: what waits to be written, and one frame. */
const MOST_GROWTH_IN_MB = 12;
const PIECE_LENGTH = 65_536;

/** Open, begin, and a link on which requests to `$cbs` would come: nobody has shown a key yet. */
const OPENING = Buffer.concat([
  AMQP_HEADER,
  rawFrame(0x10, ["greedy"]),
  rawFrame(0x11, [null, 0, 200, 200]),
  rawFrame(0x12, ["link", 0, false, null, null, null, described(0x29, ["$cbs"])]),
]);
const FLOW_THAT_WANTS_AN_ANSWER = rawFrame(0x13, [0, 200, 0, 200, 0, 0, 0, null, false, true]);
const EMPTY_PART_OF_A_MESSAGE = rawFrame(0x14, [0, 0, null, 0, false, true]);
const PART_OF_ONE_BYTE = rawFrame(0x14, [0, 0, null, 0, false, true], Buffer.from([0]));

/** Writes the same frame until so much is written, or the broker takes no more. */
async function flood(socket: Socket, frame: Buffer, megabytes: number): Promise<void> {
  const piece = Buffer.concat(Array<Buffer>(Math.floor(PIECE_LENGTH / frame.length)).fill(frame));
  for (let left = megabytes * 2 ** 20; left > 0; left -= piece.length) {
    if (socket.writableLength > 2 ** 20 && !(await drains(socket))) {
      return;
    }
    socket.write(piece);
  }
}

function drains(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(false), 1_000);
    const onDrain = (): void => settle(true);
    const settle = (isDrained: boolean): void => {
      clearTimeout(timer);
      socket.off("drain", onDrain);
      resolve(isDrained);
    };
    socket.on("drain", onDrain);
  });
}

async function greedyClient({ port }: WatchedBroker): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => socket.destroy());
  socket.write(OPENING);
  await until(() => socket.bytesWritten >= OPENING.length, 5_000);
  return socket;
}

it.each([
  ["asks again and again and does not read the answers", FLOW_THAT_WANTS_AN_ANSWER],
  ["sends a message of countless empty parts", EMPTY_PART_OF_A_MESSAGE],
  ["sends a message byte by byte", PART_OF_ONE_BYTE],
])("holds little for a client that %s", async (_name, frame) => {
  await using broker = await startWatchedBroker();
  const steady = await startSteadyClient(broker.connectionString);
  const before = await broker.holding();
  const socket = await greedyClient(broker);
  socket.pause();
  await flood(socket, frame, 32);
  const turns = steady.turns;
  await until(() => steady.turns > turns + 1, 10_000);
  const meanwhile = await broker.holding();
  const growth = meanwhile.reachableInMb - before.reachableInMb;
  process.stdout.write(`a greedy client costs the broker ${growth.toFixed(1)} MiB\n`);
  expect(growth).toBeLessThan(MOST_GROWTH_IN_MB);
  socket.destroy();
  expect(await steady.stop()).toEqual([]);
  expect(broker).toMatchObject({ isRunning: true, output: "" });
});
