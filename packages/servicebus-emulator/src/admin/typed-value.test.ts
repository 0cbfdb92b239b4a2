import { describe, expect, it } from "vitest";

import { parseXml } from "./parse-xml.ts";
import { readTypedValues } from "./typed-value.ts";

function read(type: string, text: string): unknown {
  const entry = `<E><Key>k</Key><Value type="x:${type}">${text}</Value></E>`;
  return readTypedValues(parseXml(`<P>${entry}</P>`)).get("k");
}

describe("readTypedValues", () => {
  it.each<[string, string, unknown]>([
    ["string", "text", "text"],
    ["boolean", "true", true],
    ["int", "-5", -5],
    ["double", "1.5e3", 1500],
    ["dateTime", "2026-01-02T03:04:05Z", new Date(Date.UTC(2026, 0, 2, 3, 4, 5))],
  ])("reads a value of type %s", (type, text, value) => {
    expect(read(type, text)).toEqual(value);
  });

  it.each([
    ["dateTime", "yesterday"],
    ["dateTime", ""],
    ["int", "five"],
    ["long", ""],
    ["double", "Infinity"],
    ["boolean", "yes"],
    ["duration", "PT1S"],
  ])("refuses what is no value of type %s: %j", (type, text) => {
    expect(() => read(type, text)).toThrow(expect.objectContaining({ status: 400 }));
  });
});
