import { expect, it } from "vitest";

import { matchesPattern } from "./matches-pattern.ts";

it.each([
  ["", "", true],
  ["", "%", true],
  ["a", "", false],
  ["abc", "abc", true],
  ["abc", "ab", false],
  ["abc", "a%", true],
  ["abc", "%c", true],
  ["abcbc", "%bc", true],
  ["abc", "a_c", true],
  ["abc", "_", false],
  ["abc", "%_%_%_%", true],
  ["abc", "%_%_%_%_", false],
  ["a.c", "a.c", true],
  ["abc", "a.c", false],
  ["ABC", "abc", false],
  ["😀b", "_b", true],
] as const)("matches %j with %j: %s", (text, pattern, expected) => {
  expect(matchesPattern(text, pattern, undefined)).toBe(expected);
});

it("takes what follows the escape character as it is, the escape character included", () => {
  expect(matchesPattern("50%", "50!%", "!")).toBe(true);
  expect(matchesPattern("500", "50!%", "!")).toBe(false);
  expect(matchesPattern("a!b", "a!!_", "!")).toBe(true);
  expect(matchesPattern("a_", "a\\_", "\\")).toBe(true);
  expect(matchesPattern("ab", "a\\_", "\\")).toBe(false);
});

it("is soon done with a pattern that a regular expression chokes on", () => {
  const pattern = "%a".repeat(400);
  const started = performance.now();
  expect(matchesPattern(`${"a".repeat(20_000)}b`, pattern, undefined)).toBe(false);
  expect(performance.now() - started).toBeLessThan(5000);
});
