import { describe, expect, it } from "vitest";
import { parseClientList } from "./parse-client-list.ts";

const REPLY =
  "id=7 addr=127.0.0.1:54722 laddr=127.0.0.1:6379 fd=8 name=work age=1 idle=0 flags=b db=0 sub=1 psub=2 ssub=3 " +
  "multi=-1 qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=0 rbs=1024 rbp=0 obl=5 oll=2 omem=0 tot-mem=22298 " +
  "events=r cmd=bzpopmin user=default redir=-1 resp=2\n" +
  "id=8 addr=[::1]:6000 name= flags=x multi=2 watch=1 qbuf=0 obl=0 oll=0 cmd=client|list user=app lib-name=x\n";

describe("parseClientList", () => {
  it("reads what a drain needs, and null for what the server does not show", () => {
    const [blocked, inTransaction] = parseClientList(REPLY);
    expect(blocked).toEqual({
      id: "7",
      address: "127.0.0.1:54722",
      name: "work",
      flags: "b",
      user: "default",
      multi: -1,
      watch: null,
      subscriptions: 6,
      queryBuffer: 26,
      outputBuffer: 5,
      outputList: 2,
      lastCommand: "bzpopmin",
    });
    expect(inTransaction).toMatchObject({ address: "[::1]:6000", name: "", multi: 2, watch: 1 });
  });

  it("reads an empty list", () => {
    expect(parseClientList("\n")).toEqual([]);
  });
});
