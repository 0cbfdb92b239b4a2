import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ApiKey } from "./access-settings.ts";
import { findApiKey } from "./find-api-key.ts";

const keyOf = (name: string, key: string): ApiKey => ({
  name,
  role: "read",
  sha256: createHash("sha256").update(key).digest("hex"),
});

describe("findApiKey", () => {
  const keys = [keyOf("first", "a"), keyOf("middle", "b"), keyOf("last", "c")];

  it("finds a key wherever it stands", () => {
    expect(["a", "b", "c"].map((key) => findApiKey(keys, key)?.name)).toEqual([
      "first",
      "middle",
      "last",
    ]);
  });

  it("finds nothing for anything else, the hash itself included", () => {
    for (const key of ["", "A", "aa", keys[0]?.sha256 ?? ""]) {
      expect(findApiKey(keys, key)).toBeNull();
    }
    expect(findApiKey([], "a")).toBeNull();
  });
});
