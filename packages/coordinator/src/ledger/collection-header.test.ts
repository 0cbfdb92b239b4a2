import { describe, expect, it } from "vitest";
import { makeHeader } from "../testing/make-header.ts";
import { readHeader } from "./collection-header.ts";
import { openedParts } from "./opened-parts.ts";

function opened(overrides: object = {}) {
  const [message] = openedParts(makeHeader(), []);
  if (message === undefined) {
    throw new Error("an opening has at least one part");
  }
  return { ...message, ...overrides };
}

describe("readHeader", () => {
  const nowInMs = makeHeader().openedAtInMs + 10;

  it("reads back what another API wrote", () => {
    expect(readHeader(opened(), nowInMs)).toEqual(makeHeader());
  });

  it("takes the moment of an API that is a little ahead as it is, so that all show the same", () => {
    expect(readHeader(opened(), nowInMs - 50)).toEqual(makeHeader());
  });

  it("brings a command from the future back to the present", () => {
    const header = readHeader(
      opened({ opened_at: "9998-01-01T00:00:00.000Z", deadline_at: "9998-01-01T00:00:00.000Z" }),
      nowInMs,
    );
    expect(header?.openedAtInMs).toBe(nowInMs);
    expect(header?.deadlineAtInMs).toBe(nowInMs + 600_000);
  });

  it("lets no deadline lie before the opening", () => {
    const header = readHeader(opened({ deadline_at: "1970-01-01T00:00:00.000Z" }), nowInMs);
    expect(header?.deadlineAtInMs).toBe(makeHeader().openedAtInMs);
  });

  it("is null for moments that no calendar has", () => {
    for (const member of ["opened_at", "deadline_at"]) {
      expect(readHeader(opened({ [member]: "9999-99-99T99:99:99.999Z" }), nowInMs)).toBeNull();
    }
  });
});
