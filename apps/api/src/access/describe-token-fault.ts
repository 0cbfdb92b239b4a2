import { errors } from "jose";
import type { ProblemError } from "../problems/problem-error.ts";
import { refusedCredential, type CredentialFault } from "./refused-credential.ts";

/** What a claim's check failing means. */
const CLAIMS: Readonly<Record<string, readonly [CredentialFault, string]>> = {
  iss: ["token-issuer", "The token's issuer is not this API's tenant."],
  aud: ["token-audience", "The token is not for this API: its audience is another."],
  nbf: ["token-not-yet-valid", "The token is not valid yet."],
};

/** The 401 for a token that the library refuses, by what it refuses it for. */
export function describeTokenFault(error: unknown): ProblemError {
  const [reason, detail] = faultOf(error);
  return refusedCredential(reason, detail, { cause: error });
}

function faultOf(error: unknown): readonly [CredentialFault, string] {
  if (error instanceof errors.JWTExpired) {
    return ["token-expired", "The token has expired; get a new one."];
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return CLAIMS[error.claim] ?? ["token-claims", "A claim of the token is missing or wrong."];
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return ["token-algorithm", "The token is not signed in a way that this API accepts."];
  }
  if (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  ) {
    return [
      "token-key-unknown",
      "The token is signed with a key that the tenant does not publish.",
    ];
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return ["token-signature", "The token's signature does not fit."];
  }
  return ["token-malformed", "The token cannot be read as an access token."];
}
