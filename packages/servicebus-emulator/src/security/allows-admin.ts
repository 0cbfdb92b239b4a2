import { type AccessPolicy, allows } from "./access-policy.ts";
import { coversPath, verifySasToken } from "./sas-token.ts";

/** What admin tokens are checked against. */
export interface AdminAccess {
  readonly policies: readonly AccessPolicy[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Checks the Authorization header of an admin request, which needs Manage on the path of its URL.
 * Returns why it is refused, or undefined when it may pass.
 */
export function allowsAdmin(
  authorization: string | undefined,
  pathname: string,
  access: AdminAccess,
): string | undefined {
  if (authorization === undefined) {
    return "SubCode=40100. MissingToken: The authorization header was not found.";
  }
  const verdict = verifySasToken(authorization, access.policies, access.now);
  if ("refusal" in verdict) {
    return `SubCode=40100. ${verdict.refusal}`;
  }
  const path = pathname.replaceAll(/^\/+|\/+$/gu, "");
  if (!allows(verdict.rights, "Manage") || !coversPath(verdict.resource, path)) {
    return "SubCode=40100. Unauthorized: Manage,EntityRead claims are required for this operation.";
  }
  return undefined;
}
