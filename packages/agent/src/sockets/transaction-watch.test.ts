import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import type { ClientRow } from "../control/redis-control.ts";
import { TransactionWatch } from "./transaction-watch.ts";

/** A socket that swallows what it is given; only what is written matters here. */
function openSocket(): Socket {
  const socket = new Socket();
  socket._write = (_chunk, _encoding, done) => done();
  return socket;
}

function write(socket: Socket, ...names: readonly string[]): void {
  for (const name of names) {
    socket.write(`*1\r\n$${name.length}\r\n${name}\r\n`);
  }
}

function row(multi: number, watch: number | null): ClientRow {
  return {
    id: "1",
    address: "127.0.0.1:1",
    name: "",
    flags: "N",
    user: "default",
    multi,
    watch,
    subscriptions: 0,
    queryBuffer: 0,
    outputBuffer: 0,
    outputList: 0,
    lastCommand: "get",
  };
}

describe("TransactionWatch", () => {
  it.each([
    [["MULTI"], true],
    [["MULTI", "INCR"], true],
    [["MULTI", "INCR", "EXEC"], false],
    [["MULTI", "DISCARD"], false],
    [["WATCH"], true],
    [["WATCH", "UNWATCH"], false],
    [["WATCH", "MULTI", "UNWATCH"], true],
    [["WATCH", "MULTI", "EXEC"], false],
    [["EXEC", "MULTI"], true],
    [["MULTI", "RESET"], false],
  ] as const)("after %j is inside a transaction: %s", (names, isInside) => {
    const socket = openSocket();
    const watch = new TransactionWatch(socket, () => undefined);
    write(socket, ...names);
    expect(watch.isInside).toBe(isInside);
  });

  it.each([
    [-1, null, false],
    [-1, 0, false],
    [0, null, true],
    [3, 0, true],
    [-1, 2, true],
  ])("takes the server's word for what was written before: multi=%s watch=%s", (...given) => {
    const [multi, watched, isInside] = given;
    const watch = new TransactionWatch(openSocket(), () => undefined);
    watch.readRow(row(multi, watched));
    expect(watch.isInside).toBe(isInside);
  });

  it("trusts what it has seen written more than a row that is older", () => {
    const socket = openSocket();
    const states: boolean[] = [];
    const watch = new TransactionWatch(socket, () => states.push(watch.isInside));
    watch.readRow(row(1, 1));
    write(socket, "INCR", "EXEC");
    watch.readRow(row(1, 1));
    expect(watch.isInside).toBe(false);
    expect(states).toEqual([true, false]);
    watch.end();
    write(socket, "MULTI");
    expect(watch.isInside).toBe(false);
  });
});
