import { ProblemError } from "../problems/problem-error.ts";

/** Why a credential was refused, as the audit log names it. */
export type CredentialFault =
  | "credential-missing"
  | "credentials-conflict"
  | "authorization-malformed"
  | "key-malformed"
  | "key-too-short"
  | "key-unknown"
  | "keys-not-configured"
  | "tokens-not-configured"
  | "token-algorithm"
  | "token-audience"
  | "token-claims"
  | "token-expired"
  | "token-issuer"
  | "token-key-unknown"
  | "token-malformed"
  | "token-not-yet-valid"
  | "token-signature"
  | "token-subject"
  | "token-tenant"
  | "token-type";

const REALM = 'realm="fleetquake"';

/**
 * The 401 for a credential that is missing or not accepted.
 * @param detail what was wrong and what would be right; nothing of the credential.
 */
export function refusedCredential(
  reason: CredentialFault,
  detail: string,
  options: ErrorOptions = {},
): ProblemError {
  // RFC 6750 section 3: a request without a credential is told no error.
  const error = reason === "credential-missing" ? "" : `, error="invalid_token"`;
  return new ProblemError("UNAUTHENTICATED", detail, {
    ...options,
    reason,
    headers: { "www-authenticate": `Bearer ${REALM}${error}, ApiKey ${REALM}` },
  });
}
