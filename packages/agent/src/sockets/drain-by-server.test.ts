import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "@fleetquake/contract";
import { expect, it } from "vitest";
import { parseClientList } from "../control/parse-client-list.ts";
import type { ClientRow, RedisControl } from "../control/redis-control.ts";
import { drain } from "./drain.ts";
import { SocketLedger } from "./socket-ledger.ts";

const BURSTS = 40;
const SILENCE_BETWEEN_IN_MS = 12;

it("asks ten times at most about a reply that comes in bursts, and lets it end", async () => {
  await using server = await startServer();
  const [socket, served] = await server.connection();
  const ledger = new SocketLedger();
  ledger.add(socket);
  const control = new WatchingControl(served);
  socket.write("GET big");
  const sent = sendInBursts(served, control);
  let received = 0;
  socket.on("data", (chunk: Buffer) => (received += chunk.length));

  const report = await drain(ledger.connections(), {
    control,
    clock: systemClock,
    timeoutInMs: 60_000,
  });

  await sent;
  expect(report).toMatchObject({ drained: 1, interrupted: 0, method: "server" });
  expect(received).toBe(BURSTS);
  // The list of all clients at first, then the polls.
  expect(control.lists).toBeLessThanOrEqual(1 + 10);
});

/** A server that answers with a byte, is silent for longer than the agent's shortest look, and goes on. */
async function sendInBursts(served: Socket, control: WatchingControl): Promise<void> {
  for (let burst = 0; burst < BURSTS; burst += 1) {
    served.write("x");
    await pause(SILENCE_BETWEEN_IN_MS);
  }
  control.isAnswering = false;
}

/** Says of one client that its reply is under way until it is sent. */
class WatchingControl implements RedisControl {
  isAnswering = true;
  lists = 0;
  readonly #served: Socket;

  constructor(served: Socket) {
    this.#served = served;
  }

  clientList(): Promise<readonly ClientRow[]> {
    this.lists += 1;
    const { remoteAddress, remotePort } = this.#served;
    const list =
      `id=7 addr=${remoteAddress}:${remotePort} name= flags=N multi=-1 qbuf=0 obl=0 ` +
      `oll=${this.isAnswering ? 1 : 0} cmd=get user=default sub=0 psub=0`;
    return Promise.resolve(parseClientList(list));
  }

  unblock(): Promise<boolean> {
    return Promise.resolve(true);
  }

  localAddresses(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

interface StartedServer extends AsyncDisposable {
  /** Both ends of a new connection. */
  connection(): Promise<readonly [client: Socket, server: Socket]>;
}

async function startServer(): Promise<StartedServer> {
  const server = createServer({ allowHalfOpen: false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets: Socket[] = [];
  return {
    connection: async () => {
      const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
      const client = connect(portOf(server), "127.0.0.1");
      const [served] = await Promise.all([accepted, once(client, "connect")]);
      served.resume();
      sockets.push(client, served);
      return [client, served];
    },
    [Symbol.asyncDispose]: async () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
