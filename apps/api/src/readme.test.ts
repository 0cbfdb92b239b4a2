import { readFileSync } from "node:fs";
import { PROBLEM_CODES, StreamEventSchema } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { API_VARIABLES } from "./config/api-variables.ts";
import { buildDocument } from "./openapi/build-document.ts";

const lines = readFileSync(new URL("../README.md", import.meta.url), "utf8").split("\n");

describe("the README", () => {
  it("has each problem code with its status, meaning and members, and no other", () => {
    const rows = lines.filter((line) => /^\| [A-Z]+(_[A-Z]+)* \| \d{3} \|/.test(line));
    const expected = Object.entries(PROBLEM_CODES).map(([code, { status, when, members }]) => {
      return `| ${code} | ${status} | ${when} | ${members.length === 0 ? "-" : members.join(", ")} |`;
    });
    expect(rows).toEqual(expected);
  });

  it("has each path with its methods, and no other", () => {
    const rows = lines.flatMap(
      (line) => /^\| (\/\S*) \| ([A-Z, ]+) \|/.exec(line)?.slice(1, 3) ?? [],
    );
    const expected = Object.entries(buildDocument().paths).flatMap(([path, methods]) => [
      path,
      Object.keys(methods).join(", ").toUpperCase(),
    ]);
    expect(rows).toEqual(expected);
  });

  it("has each event of the stream, and no other", () => {
    const section = lines.slice(lines.indexOf("| event | when |") + 2);
    const names = section
      .slice(0, section.indexOf(""))
      .map((line) => /^\| (\S+) \|/.exec(line)?.[1]);
    expect(names).toEqual(StreamEventSchema.anyOf.map(({ properties }) => properties.type.const));
  });

  it("has each variable with its default and meaning, and no other", () => {
    const rows = lines.filter((line) =>
      /^\| (FLEETQUAKE|APP|LOG|AZURE|APPLICATIONINSIGHTS|TELEMETRY)_\w+ \|/.test(line),
    );
    const expected = Object.values(API_VARIABLES).map(
      ({ name, fallbackText, meaning }) => `| ${name} | ${fallbackText} | ${meaning} |`,
    );
    expect(rows).toEqual(expected);
  });
});
