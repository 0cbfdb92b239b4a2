import { once } from "node:events";
import { connect, createServer } from "node:net";
import { systemClock } from "@fleetquake/contract";
import { expect, it } from "vitest";
import { RecoveryWatch } from "./recovery-watch.ts";
import { SocketLedger } from "./socket-ledger.ts";

it("takes work for a recovery only once a new connection has had a reply", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write("+PONG\r\n"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const ledger = new SocketLedger();
  const watch = new RecoveryWatch({
    ledger,
    clock: systemClock,
    expected: 1,
    lastSerial: ledger.lastSerial,
    sinceInMs: systemClock.monotonicInMs(),
  });
  watch.recordWork();
  expect(watch.observation().workRecoveredInMs).toBeNull();
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const socket = connect(port, "127.0.0.1");
  ledger.add(socket);
  socket.on("data", () => undefined);
  socket.write("*1\r\n$4\r\nPING\r\n");
  await expect.poll(() => watch.observation().socketRecoveredInMs).not.toBeNull();
  watch.recordWork();
  const { workRecoveredInMs, socketRecoveredInMs } = watch.observation();
  expect(workRecoveredInMs).toBeGreaterThanOrEqual(socketRecoveredInMs ?? Number.NaN);
  watch.stop();
  socket.destroy();
  server.close();
});
