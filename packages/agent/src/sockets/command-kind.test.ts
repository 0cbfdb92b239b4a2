import { describe, expect, it } from "vitest";
import { isApplicationCommand, kindOfCommand } from "./command-kind.ts";

describe("kindOfCommand", () => {
  it.each([
    ["GET", [], "command"],
    ["EVALSHA", [], "command"],
    ["SUBSCRIBE", [], "subscriber"],
    ["SSUBSCRIBE", [], "subscriber"],
    ["BZPOPMIN", [], "blocking"],
    ["BLMOVE", [], "blocking"],
    ["WAIT", [], "blocking"],
    ["XREAD", ["COUNT", "1", "STREAMS", "BLOCK"], "command"],
    ["XREAD", ["BLOCK", "0", "STREAMS", "S"], "blocking"],
    ["XREADGROUP", ["GROUP", "G", "C", "BLOCK", "0", "STREAMS", "S"], "blocking"],
    ["HELLO", [], null],
    ["CLIENT", [], null],
    ["PING", [], null],
  ] as const)("takes %s %j for %s", (name, args, kind) => {
    expect(kindOfCommand({ name, args })).toBe(kind);
  });
});

describe("isApplicationCommand", () => {
  it("tells a client library's set-up from what the application asks", () => {
    expect(["AUTH", "INFO", "SELECT"].some(isApplicationCommand)).toBe(false);
    expect(["PING", "GET", "SUBSCRIBE"].every(isApplicationCommand)).toBe(true);
  });
});
