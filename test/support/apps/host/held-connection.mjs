/** A script that has nothing but one connection, which a block leaves unanswered; `argv[3]` says what becomes of it. */
import { once } from "node:events";
import { connect } from "node:net";
import { installRedisBlock, RedisBlockCell, SocketLedger } from "@fleetquake/agent/testing/sockets";
import { systemClock } from "@fleetquake/contract";

const [port, how] = process.argv.slice(2);
const { endpoints } = new SocketLedger();
endpoints.add({ host: "127.0.0.1", port: Number(port) });
const cell = new RedisBlockCell({ clock: systemClock });
installRedisBlock({ cell, endpoints });
cell.begin({ mode: "drop", endsAtMonotonicInMs: Infinity });

const socket = connect(Number(port), "127.0.0.1");
await once(socket, "connectionAttempt");
switch (how) {
  case "given-up":
    socket.destroy();
    break;
  case "unreferenced":
    socket.unref();
    break;
  case "timed-out":
    // Node's own timer for it keeps no process alive: the connection under way does.
    socket.setTimeout(300, () => {
      process.stdout.write("timed out\n");
      socket.destroy();
    });
    break;
  case "answered":
    setTimeout(() => cell.end(), 300).unref();
    await once(socket, "connect");
    process.stdout.write("connected\n");
    socket.destroy();
    break;
}
