import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { INSIGHTS_EVENTS, type EventDescription } from "./event-table.ts";

const document = readFileSync(new URL("../../EVENTS.md", import.meta.url), "utf8");

function rowOf([name, { from, when, members }]: [string, EventDescription]): string {
  return `| `.concat(
    [`\`${name}\``, from, when, members.map((member) => `\`${member}\``).join(", ")].join(" | "),
    " |",
  );
}

it("EVENTS.md has every event as it is, and no other", () => {
  const rows = document.split("\n").filter((line) => line.startsWith("| `"));
  expect(rows).toEqual(Object.entries<EventDescription>(INSIGHTS_EVENTS).map(rowOf));
});
