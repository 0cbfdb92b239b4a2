import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

const PEM = /-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Reads the Ed25519 key that commands are signed with: PKCS#8 as PEM (line ends may be written `\n`) or as base64 DER.
 * @throws {TypeError} that says what is expected and repeats nothing of the text.
 */
export function readCommandPrivateKey(text: string): KeyObject {
  const key = attempt(() => {
    const pem = unescaped(text);
    return isPem(pem)
      ? createPrivateKey(pem)
      : createPrivateKey({ key: bytesOf(pem), format: "der", type: "pkcs8" });
  });
  if (key?.asymmetricKeyType !== "ed25519") {
    throw new TypeError("an Ed25519 private key, PKCS#8 as PEM or base64 DER");
  }
  return key;
}

/**
 * Reads the Ed25519 keys that commands are checked with: one or, while keys are changed, several PEM blocks (SPKI), or
 * base64 DER separated by commas.
 * @throws {TypeError} that says what is expected.
 */
export function readCommandPublicKeys(text: string): readonly KeyObject[] {
  const given = unescaped(text);
  const parts = isPem(given) ? (given.match(PEM) ?? []) : given.split(",");
  const keys = parts.map((part) => attempt(() => readPublicKey(part.trim())));
  const usable = keys.filter((key) => key?.asymmetricKeyType === "ed25519");
  if (usable.length === 0 || usable.length !== keys.length) {
    throw new TypeError("Ed25519 public keys, SPKI as PEM or base64 DER separated by commas");
  }
  return usable.filter((key) => key !== undefined);
}

function readPublicKey(part: string): KeyObject {
  if (!isPem(part)) {
    return createPublicKey({ key: bytesOf(part), format: "der", type: "spki" });
  }
  if (part.includes("PRIVATE")) {
    // Node would derive the public key from it; but whoever holds this one could command the fleet.
    throw new TypeError("a private key where a public one belongs");
  }
  return createPublicKey(part);
}

function isPem(text: string): boolean {
  return text.includes("-----BEGIN");
}

function unescaped(text: string): string {
  return text.replaceAll("\\n", "\n").trim();
}

function bytesOf(text: string): Buffer {
  if (!BASE64.test(text)) {
    throw new TypeError("not base64");
  }
  return Buffer.from(text, "base64");
}

/** What OpenSSL says of a bad key helps nobody: the caller says what is expected. */
function attempt(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
