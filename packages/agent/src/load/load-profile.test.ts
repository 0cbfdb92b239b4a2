import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { LOAD_PROFILES } from "./load-profile.ts";

it("is what the README's table says of each level", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const rows = readme.split("\n").filter((line) => line.includes("% of a core | "));
  expect(rows).toEqual(
    Object.entries(LOAD_PROFILES).map(
      ([level, { processorShare, memoryInMb }]) =>
        `| \`${level}\` | ${processorShare * 100} % of a core | ${memoryInMb} MB |`,
    ),
  );
});
