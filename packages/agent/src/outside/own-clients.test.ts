import { describe, expect, it } from "vitest";
import { parseClientList } from "../control/parse-client-list.ts";
import { findOwnClients } from "./own-clients.ts";

const endpoint = { host: "10.0.0.9", port: 6_379, tls: false };
const other = { host: "10.0.0.8", port: 6_379, tls: false };
const rows = parseClientList(
  [
    "id=1 addr=10.0.0.1:50001 name=app",
    "id=2 addr=10.0.0.1:50002 name=",
    "id=3 addr=10.0.0.1:50003 name=fleetquake-control",
    "id=4 addr=10.0.0.2:50001 name=app",
    "id=5 addr=10.0.0.1:50005 name=neighbour",
    "id=6 addr=10.0.0.1:50006 name=",
  ].join("\n"),
);

describe("findOwnClients", () => {
  it("picks the rows whose addresses the kernel gives to this process, and no control connection", () => {
    const established = ["10.0.0.1:50001", "10.0.0.1:50002", "10.0.0.1:50003", "10.0.0.1:50006"];
    const found = findOwnClients(
      [{ endpoint, rows }],
      [{ endpoint, established, connecting: [] }],
      ["10.0.0.1:50006"],
    );
    expect(found.servers.map(({ clients }) => clients.map(({ id }) => id))).toEqual([["1", "2"]]);
    expect(found.routes.size).toBe(2);
  });

  it("keeps connections in mind that cannot be closed: still connecting, not listed, or at a server that stays silent", () => {
    const found = findOwnClients(
      [{ endpoint, rows }],
      [
        {
          endpoint,
          established: ["10.0.0.1:50001", "10.0.0.1:50099"],
          connecting: ["10.0.0.1:50098"],
        },
        { endpoint: other, established: ["10.0.0.1:50001"], connecting: [] },
      ],
      [],
    );
    expect(found.servers).toHaveLength(1);
    expect(found.servers[0]?.clients.map(({ id }) => id)).toEqual(["1"]);
    // One local port serves two servers here: these are two connections.
    expect([...found.routes].toSorted()).toEqual([
      "10.0.0.1:50001>10.0.0.8:6379",
      "10.0.0.1:50001>10.0.0.9:6379",
      "10.0.0.1:50098>10.0.0.9:6379",
      "10.0.0.1:50099>10.0.0.9:6379",
    ]);
  });
});
