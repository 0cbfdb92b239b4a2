import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { parseClientList } from "../control/parse-client-list.ts";
import type { ClosingRedisControl, OwnClient } from "../control/redis-control.ts";
import { surveyServer } from "./survey-server.ts";

const endpoint = { host: "127.0.0.1", port: 6_379, tls: false };
const self: OwnClient = { id: "9", address: "127.0.0.1:50009", localAddress: "127.0.0.1:50009" };
const rows = parseClientList("id=7 addr=127.0.0.1:50007 name=app user=default\n");

/** A server that answers as told, and the calls that reached it. */
function survey(answers: { own?: OwnClient | null; mayKill?: boolean; list?: null } = {}) {
  const { own = self, mayKill = true, list = rows } = answers;
  const calls: string[] = [];
  const control: ClosingRedisControl = {
    ownClient: () => Promise.resolve(own),
    kill: (_endpoint, { clients }) => {
      calls.push(`kill ${clients.map(({ id }) => id).join()}`);
      return Promise.resolve(mayKill);
    },
    clientList: () => {
      calls.push("list");
      return Promise.resolve(list);
    },
    unblock: () => Promise.resolve(false),
    localAddresses: () => Promise.resolve([]),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const options = { control, clock: new FakeClock(), deadlineInMs: 1_000 };
  return { calls, result: surveyServer(endpoint, options) };
}

describe("surveyServer", () => {
  it("lists the clients of a server that sees this process under its own addresses", async () => {
    const { calls, result } = survey();
    expect(await result).toEqual({ endpoint, rows });
    // Killing is tried with the control connection itself, which is spared.
    expect(calls).toEqual(["kill 9", "list"]);
  });

  it("stays out where addresses are translated on the way: ours may be somebody else's there", async () => {
    const { calls, result } = survey({ own: { ...self, address: "10.0.0.1:50009" } });
    expect(await result).toBeNull();
    expect(calls).toEqual([]);
  });

  it("stays out where the control connection does not know its own address", async () => {
    expect(await survey({ own: { ...self, localAddress: null } }).result).toBeNull();
  });

  it.each([[{ own: null }], [{ mayKill: false }], [{ list: null }]] as const)(
    "stays out when the server does not answer or permit it: %j",
    async (answers) => {
      expect(await survey(answers).result).toBeNull();
    },
  );
});
