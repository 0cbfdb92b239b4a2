import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { JobBook } from "./job-book.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it.each([...Object.keys(new JobBook().counts()), "withheld"])("README.md has %s", (member) => {
  expect(readme).toMatch(new RegExp(`^\\| \`${member}\` \\| \\S`, "mu"));
});
