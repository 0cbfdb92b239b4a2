import { describe, expect, it } from "vitest";
import { JsonSyntaxError } from "./json-syntax-error.ts";
import { parseJson } from "./parse-json.ts";

function failureOf(text: string): JsonSyntaxError {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      return error;
    }
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

describe("parseJson", () => {
  it.each([
    "{}",
    " [ ] ",
    "null",
    "-0.5e+3",
    '"\\u00e9\\n\\"\\/"',
    '{"a":{"b":[1,2,{"c":true}]},"":false,"constructor":1}',
    '\r\n\t{"force" : false , "reason" : "Ünïcödé 😀"}',
  ])("reads %s as JSON.parse does", (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['{"force":true,"force":false}', "/force", '"force" is there twice'],
    ['{"force":true,"\\u0066orce":false}', "/force", '"force" is there twice'],
    ['{"target":{"role":"a","role":"b"}}', "/target/role", '"role" is there twice'],
    ['{"__proto__":{"force":true}}', "/__proto__", '"__proto__"'],
    ['{"force":tru}', "/force", "a JSON value belongs here"],
    ['{"force":True}', "/force", "a JSON value belongs here"],
    ['{"force":}', "/force", "a JSON value belongs here"],
    ['{"force" true}', "/force", '":" and a value belong after "force"'],
    ['{"target":{"replicas":["a",]}}', "/target/replicas/1", "a JSON value belongs here"],
    ['{"force":true,}', "", "the name of a member in double quotes"],
    ["{force:true}", "", "the name of a member in double quotes"],
    ['{"force":true', "", '"," or "}" belongs here'],
    ['{"force":true} {}', "", "nothing may follow"],
    ['{"reason":"a', "/reason", "a string is not closed"],
    ['{"reason":"a\tb"}', "/reason", "control character"],
    ['{"reason":"\\x"}', "/reason", "wrong escape"],
    ['{"count":01}', "/count", "a JSON value belongs here"],
    ['{"count":1.}', "/count", "a JSON value belongs here"],
    ['{"count":NaN}', "/count", "a JSON value belongs here"],
    ['{"a/b":{"c~d":[,]}}', "/a~1b/c~0d/0", "a JSON value belongs here"],
    ["", "", "a JSON value belongs here"],
    ["  ", "", "a JSON value belongs here"],
  ])("refuses %s and names the member", (text, pointer, message) => {
    const failure = failureOf(text);
    expect(failure.pointer).toBe(pointer);
    expect(failure.message).toContain(message);
    expect(failure.message).toMatch(/line \d+, column \d+/);
  });

  it("bounds the nesting instead of the stack", () => {
    expect(parseJson("[".repeat(32) + "]".repeat(32))).toBeDefined();
    expect(failureOf("[".repeat(60_000)).message).toContain("nested 32 deep");
    expect(failureOf('{"a":'.repeat(10_000)).message).toContain("nested 32 deep");
  });

  it("bounds the length of names", () => {
    expect(failureOf(`{"${"a".repeat(257)}":1}`).message).toContain("at most 256 characters");
  });

  it("leaves Object.prototype alone", () => {
    parseJson('{"constructor":{"prototype":{"polluted":1}},"toString":2}');
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("reads 64 KiB of members in a moment", () => {
    const members = Array.from({ length: 4_000 }, (_unused, index) => `"k${index}":${index}`);
    const startedAtInMs = performance.now();
    parseJson(`{${members.join(",")}}`);
    expect(performance.now() - startedAtInMs).toBeLessThan(300);
  });
});
