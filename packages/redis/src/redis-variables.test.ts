import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { REDIS_VARIABLES } from "./redis-variables.ts";

describe("the README's table of variables", () => {
  it("has each variable with its default and meaning, and no other", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const rows = readme
      .split("\n")
      .filter((line) => /^\| (REDIS|FLEETQUAKE_REDIS|AZURE)_/.test(line));
    const expected = Object.values(REDIS_VARIABLES).map(
      ({ name, fallbackText, meaning }) => `| ${name} | ${fallbackText} | ${meaning} |`,
    );
    expect(rows.toSorted()).toEqual(expected.toSorted());
  });
});
