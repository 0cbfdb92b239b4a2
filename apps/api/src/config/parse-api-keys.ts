import type { ParsedText } from "@fleetquake/redis";
import type { ApiKey } from "../access/access-settings.ts";

const ITEM = /^(?:(?<name>[A-Za-z0-9._-]{1,64})=)?(?<sha256>[0-9a-f]{64})$/i;
const NAME_LENGTH = 8;
const SHA256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const EXPECTED =
  'SHA-256 hashes of keys as 64 hex digits, each with a name if you like (`ci=9f86…`), separated by commas; the keys themselves belong to their holders only (make one with `openssl rand -hex 32`, its hash with `printf %s "$key" | sha256sum`)';

/** Reads `name=sha256,…` or `sha256,…`; a key without a name is called by the first digits of its hash. */
export function parseApiKeys(
  role: ApiKey["role"],
): (text: string) => ParsedText<readonly ApiKey[]> {
  return (text) => {
    const keys: ApiKey[] = [];
    for (const item of text.split(",")) {
      const groups = ITEM.exec(item.trim())?.groups;
      const sha256 = groups?.["sha256"]?.toLowerCase();
      if (sha256 === undefined) {
        return { ok: false, expected: EXPECTED };
      }
      if (sha256 === SHA256_OF_NOTHING) {
        return { ok: false, expected: "hashes of keys: one of these is the hash of nothing" };
      }
      if (keys.some((key) => key.sha256 === sha256)) {
        return { ok: false, expected: "hashes of different keys: one is there twice" };
      }
      keys.push({ name: groups?.["name"] ?? sha256.slice(0, NAME_LENGTH), role, sha256 });
    }
    return { ok: true, value: keys };
  };
}
