import { expect, it } from "vitest";

import { GatheredParts } from "./gathered-parts.ts";

it("puts parts of any size together, and begins anew after each message", () => {
  const parts = new GatheredParts();
  expect(parts.take()).toEqual(Buffer.alloc(0));
  for (const text of ["", "a", "bc", "", "defghij", "k"]) {
    parts.add(Buffer.from(text), 11);
  }
  expect(parts.take()?.toString()).toBe("abcdefghijk");
  parts.add(Buffer.from("next"), 11);
  expect(parts.take()?.toString()).toBe("next");
});

it("keeps what it was given, whatever becomes of the sender's buffer", () => {
  const parts = new GatheredParts();
  const part = Buffer.from("abc");
  parts.add(part, 10);
  part.fill(0);
  expect(parts.take()?.toString()).toBe("abc");
});

it("forgets a message that is too large, and takes the next one", () => {
  const parts = new GatheredParts();
  for (const text of ["abc", "def", "", "g"]) {
    parts.add(Buffer.from(text), 5);
  }
  expect(parts.take()).toBeUndefined();
  parts.add(Buffer.from("abcde"), 5);
  expect(parts.take()?.toString()).toBe("abcde");
});
