import { type AccessRight, allows } from "./access-policy.ts";
import { coversPath, type VerifiedToken } from "./sas-token.ts";

/** More tokens than this are not put on one connection by a client that means well. */
const maxTokens = 5000;

/** What one connection may do: the tokens that it has put, until they expire. */
export class ConnectionClaims {
  readonly #tokens = new Map<string, VerifiedToken>();

  /** Adds a token for an audience, in the place of the one before. False when there are too many. */
  put(audience: string, token: VerifiedToken): boolean {
    if (!this.#tokens.has(audience) && this.#tokens.size >= maxTokens) {
      return false;
    }
    this.#tokens.set(audience, token);
    return true;
  }

  /** True when a token that is still valid at `now` gives this right on the path. */
  allow(path: string, right: AccessRight, now: number): boolean {
    for (const token of this.#tokens.values()) {
      if (
        token.expiresAt > now &&
        allows(token.rights, right) &&
        coversPath(token.resource, path)
      ) {
        return true;
      }
    }
    return false;
  }
}
