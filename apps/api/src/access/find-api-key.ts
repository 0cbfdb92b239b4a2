import { createHash, timingSafeEqual } from "node:crypto";
import type { ApiKey } from "./access-settings.ts";

/**
 * Finds the configured key that was presented. The hash of what was presented is compared with every configured one,
 * to the end, so that the time tells neither how much of a hash fits nor which key it is.
 */
export function findApiKey(keys: readonly ApiKey[], presented: string): ApiKey | null {
  const hash = createHash("sha256").update(presented, "utf8").digest();
  return keys.reduce<ApiKey | null>(
    (found, key) => (timingSafeEqual(hash, Buffer.from(key.sha256, "hex")) ? key : found),
    null,
  );
}
