import { expect, it } from "vitest";

import { isUnlimited, parseDuration, unlimitedDuration } from "./duration.ts";

it.each([
  ["PT15S", 15_000],
  ["PT0.5S", 500],
  ["PT1M30S", 90_000],
  ["PT5M", 300_000],
  ["P14D", 1_209_600_000],
  ["P1DT1H1M1S", 90_061_000],
  ["PT0S", 0],
])("reads %s as %d ms", (text, inMs) => {
  expect(parseDuration(text)).toBe(inMs);
});

it.each(["", "P", "PT", "P1DT", "15S", "P1Y", "P1M", "PT-1S", "pt1s", "PT1S "])(
  "does not take %j for a duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

it("knows .NET's longest time span as unlimited", () => {
  expect(isUnlimited(parseDuration(unlimitedDuration) ?? 0)).toBe(true);
  expect(isUnlimited(parseDuration("P10000D") ?? 0)).toBe(false);
});
