import { sign, verify, type KeyObject } from "node:crypto";

/** The application property that carries a command's signature: Ed25519 over the body's bytes, as base64. */
export const SIGNATURE_PROPERTY = "fleetquake_signature";

/** 64 bytes as base64. */
const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;

/** Signs the exact bytes of a body, so that no two readings of the same JSON can differ. Ed25519 takes no digest. */
export function signBody(body: Uint8Array, key: KeyObject): string {
  return sign(null, body, key).toString("base64");
}

/** Whether one of the keys signed exactly these bytes. Never throws, whatever the signature is. */
export function isSignedBy(
  body: Uint8Array,
  signature: unknown,
  keys: readonly KeyObject[],
): boolean {
  if (typeof signature !== "string" || !SIGNATURE.test(signature)) {
    return false;
  }
  const bytes = Buffer.from(signature, "base64");
  return keys.some((key) => verify(null, body, key, bytes));
}
