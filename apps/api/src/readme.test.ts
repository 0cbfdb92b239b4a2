import { readFileSync } from "node:fs";
import { PROBLEM_CODES } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { API_VARIABLES } from "./config/api-variables.ts";

const lines = readFileSync(new URL("../README.md", import.meta.url), "utf8").split("\n");

describe("the README", () => {
  it("has each problem code with its status, meaning and members, and no other", () => {
    const rows = lines.filter((line) => /^\| [A-Z]+(_[A-Z]+)* \| \d{3} \|/.test(line));
    const expected = Object.entries(PROBLEM_CODES).map(([code, { status, when, members }]) => {
      return `| ${code} | ${status} | ${when} | ${members.length === 0 ? "-" : members.join(", ")} |`;
    });
    expect(rows).toEqual(expected);
  });

  it("has each variable with its default and meaning, and no other", () => {
    const rows = lines.filter((line) => /^\| (FLEETQUAKE|APP|LOG|AZURE)_\w+ \|/.test(line));
    const expected = Object.values(API_VARIABLES).map(
      ({ name, fallbackText, meaning }) => `| ${name} | ${fallbackText} | ${meaning} |`,
    );
    expect(rows).toEqual(expected);
  });
});
