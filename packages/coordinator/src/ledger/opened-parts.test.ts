import { parseFleetEvent } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { makeHeader } from "../testing/make-header.ts";
import { OpenedAssembler } from "./opened-assembler.ts";
import { openedParts } from "./opened-parts.ts";

function expectedReplicas(size: number, pad = "") {
  return Array.from({ length: size }, (_, index) => ({
    replica_id: `r${index}${pad}`,
    instance_id: `i${index}${pad}`,
    role: "worker",
  }));
}

describe("openedParts", () => {
  it("is one message for an ordinary fleet, also for an empty one", () => {
    for (const size of [0, 3, 500]) {
      const parts = openedParts(makeHeader(), expectedReplicas(size));
      expect(parts).toHaveLength(1);
      expect(parts[0]).toMatchObject({ part: 0, parts: 1, deadline_ms: 5_000 });
    }
  });

  it("splits so that every message stays below 200 KB, counted in bytes", () => {
    const expected = expectedReplicas(1_000, "é".repeat(200));
    const parts = openedParts(makeHeader({ reason: "é".repeat(500) }), expected);
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) {
      expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(200_000);
      expect(parseFleetEvent(part).ok).toBe(true);
    }
    expect(parts.flatMap((part) => part.expected)).toEqual(expected);
  });
});

describe("OpenedAssembler", () => {
  const expected = expectedReplicas(1_500, "x".repeat(200));
  const parts = openedParts(makeHeader(), expected);

  it("puts parts together in any order, and takes a repeated one once", () => {
    const assembler = new OpenedAssembler(new FakeClock());
    const shuffled = [...parts.toReversed().slice(0, -1), ...parts.slice(1)];
    for (const part of shuffled) {
      expect(assembler.add(part)).toBeNull();
    }
    const [first] = parts;
    expect(first === undefined ? null : assembler.add(first)).toEqual(expected);
  });

  it("forgets what does not become whole within a minute", async () => {
    const clock = new FakeClock();
    const assembler = new OpenedAssembler(clock);
    for (const part of parts.slice(1)) {
      assembler.add(part);
    }
    await clock.advance(60_001);
    assembler.prune();
    const [first] = parts;
    expect(first === undefined ? null : assembler.add(first)).toBeNull();
  });

  it("takes no part of another issuer or another count, and no impossible one", () => {
    const assembler = new OpenedAssembler(new FakeClock());
    const [first] = openedParts(makeHeader(), expectedReplicas(1));
    if (first === undefined) {
      throw new Error("an opening has at least one part");
    }
    expect(assembler.add({ ...first, parts: 2 })).toBeNull();
    expect(assembler.add({ ...first, part: 1, parts: 2, issuer: "stranger" })).toBeNull();
    expect(assembler.add({ ...first, part: 1, parts: 3 })).toBeNull();
    expect(assembler.add({ ...first, command_id: "c2", part: 1 })).toBeNull();
    expect(assembler.add({ ...first, command_id: "c3", parts: 1e9 })).toBeNull();
    expect(assembler.add({ ...first, part: 1, parts: 2 })).toHaveLength(2);
  });

  it("is bounded in commands and in rows", () => {
    const assembler = new OpenedAssembler(new FakeClock());
    const [first] = openedParts(makeHeader(), expectedReplicas(1));
    if (first === undefined) {
      throw new Error("an opening has at least one part");
    }
    for (let index = 0; index < 40; index += 1) {
      assembler.add({ ...first, command_id: `c${index}`, parts: 2 });
    }
    expect(assembler.add({ ...first, command_id: "c0", part: 1, parts: 2 })).toBeNull();
    expect(assembler.add({ ...first, command_id: "c39", part: 1, parts: 2 })).toHaveLength(2);
    const many = expectedReplicas(20_001);
    expect(assembler.add({ ...first, command_id: "many", expected: many })).toBeNull();
  });
});
