import type { Clock } from "@fleetquake/contract/plain";
import type { RedisTokenSource } from "./redis-token-source.ts";
import type { TokenExpiryRefusal, TokenExpiryRequest } from "./token-expiry-request.ts";

/**
 * Does what the agent's thread asks of the application's tokens; never throws.
 * @returns why it did not; null: it is done.
 */
export function serveTokenExpiry(
  source: RedisTokenSource | null,
  request: TokenExpiryRequest,
  clock: Clock,
): TokenExpiryRefusal | null {
  if (source === null) {
    return { code: "NO_REDIS_TOKENS", message: "This process's Redis connections use no token." };
  }
  try {
    if (request.endsAtMonotonicInMs === null) {
      source.endExpiry();
    } else if (clock.monotonicInMs() < request.validUntilMonotonicInMs) {
      source.beginExpiry(request.endsAtMonotonicInMs);
    } else {
      return { code: "LOOP_BLOCKED", message: "The event loop came round to it too late." };
    }
    return null;
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
    return {
      code: typeof code === "string" ? code : "TOKEN_EXPIRY_FAILED",
      message: error instanceof Error ? error.message : "The tokens could not be let expire.",
    };
  }
}
