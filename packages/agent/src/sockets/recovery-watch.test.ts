import { once } from "node:events";
import { connect, createServer, Socket } from "node:net";
import { systemClock } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
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

it("looks at nothing before a connection is opened anew, and no longer than a minute", async () => {
  const clock = new FakeClock();
  const ledger = new SocketLedger();
  let looks = 0;
  const connections = ledger.connections.bind(ledger);
  ledger.connections = () => {
    looks += 1;
    return connections();
  };
  const sinceInMs = clock.monotonicInMs();
  const watch = new RecoveryWatch({ ledger, clock, expected: 1, lastSerial: 0, sinceInMs });
  await clock.advance(20_000);
  expect(looks).toBe(0);
  ledger.add(new Socket());
  await clock.advance(1_000);
  expect(looks).toBeGreaterThan(0);
  expect(watch.observation()).toMatchObject({ connectionsBack: 0, reconnectAttempts: 1 });
  await clock.advance(40_000);
  expect(clock.armedTimers).toBe(0);
});

it("ends by itself after a minute in which nobody came back", async () => {
  const clock = new FakeClock();
  const ledger = new SocketLedger();
  const sinceInMs = clock.monotonicInMs();
  const watch = new RecoveryWatch({ ledger, clock, expected: 1, lastSerial: 0, sinceInMs });
  await clock.advance(60_000);
  expect(clock.armedTimers).toBe(0);
  expect(watch.observation()).toMatchObject({ connectionsBack: 0, allBackInMs: null });
});
