import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readCommandPrivateKey, readCommandPublicKeys } from "./command-key.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const other = generateKeyPairSync("ed25519").publicKey;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });

const pem = (key: KeyObject): string =>
  String(key.export({ format: "pem", type: key.type === "private" ? "pkcs8" : "spki" }));
const der = (key: KeyObject): string =>
  key.export({ format: "der", type: key.type === "private" ? "pkcs8" : "spki" }).toString("base64");

describe("the private key of commands", () => {
  it.each([
    ["PEM", pem(privateKey)],
    ["PEM in one line", pem(privateKey).replaceAll("\n", "\\n")],
    ["base64 DER", der(privateKey)],
  ])("is read from %s", (_form, text) => {
    expect(readCommandPrivateKey(text).equals(privateKey)).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["any text", "my secret"],
    ["a public key", pem(publicKey)],
    ["an RSA key", pem(rsa.privateKey)],
    ["half a key", der(privateKey).slice(0, 20)],
  ])("is refused as %s, without repeating it", (_form, text) => {
    expect(() => readCommandPrivateKey(text)).toThrow(
      new TypeError("an Ed25519 private key, PKCS#8 as PEM or base64 DER"),
    );
  });
});

describe("the public keys of commands", () => {
  it.each([
    ["PEM", pem(publicKey), 1],
    ["base64 DER", der(publicKey), 1],
    ["PEM blocks", `${pem(publicKey)}${pem(other)}`, 2],
    ["PEM blocks in one line", `${pem(publicKey)}${pem(other)}`.replaceAll("\n", "\\n"), 2],
    ["a list", `${der(publicKey)}, ${der(other)}`, 2],
  ])("are read from %s", (_form, text, count) => {
    const keys = readCommandPublicKeys(text);
    expect(keys).toHaveLength(count);
    expect(keys[0]?.equals(publicKey)).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["a private key as PEM", pem(privateKey)],
    ["a private key as DER", der(privateKey)],
    ["an RSA key", pem(rsa.publicKey)],
    ["a list with a hole", `${der(publicKey)},`],
    ["a good and a bad one", `${der(publicKey)},AAAA`],
  ])("are refused as %s", (_form, text) => {
    expect(() => readCommandPublicKeys(text)).toThrow(TypeError);
  });
});
