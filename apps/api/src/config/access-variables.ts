import { defineVariable, parseText, Secret, type ParsedText } from "@fleetquake/redis";
import { readCommandPrivateKey, readCommandPublicKeys } from "@fleetquake/bus/command-key";
import type { ApiKey } from "../access/access-settings.ts";
import { parseApiKeys } from "./parse-api-keys.ts";
import { parseAudiences, parseAuthority } from "./parse-entra.ts";

/** The variables that say who may call this API, and by what its commands are known. */
export const ACCESS_VARIABLES = {
  apiKeysRead: defineVariable<readonly ApiKey[]>({
    name: "FLEETQUAKE_API_KEYS_READ",
    meaning: "SHA-256 hashes of the keys that may read: `name=hex` or `hex`, separated by commas",
    fallback: [],
    fallbackText: "-",
    isSecret: true,
    parse: parseApiKeys("read"),
  }),
  apiKeysOperate: defineVariable<readonly ApiKey[]>({
    name: "FLEETQUAKE_API_KEYS_OPERATE",
    meaning: "SHA-256 hashes of the keys that may do everything",
    fallback: [],
    fallbackText: "-",
    isSecret: true,
    parse: parseApiKeys("operate"),
  }),
  apiAudience: defineVariable<readonly string[]>({
    name: "FLEETQUAKE_API_AUDIENCE",
    meaning:
      "id of the API's app registration in Entra ID, or its application ID URI: switches access tokens on; needs AZURE_TENANT_ID",
    fallback: [],
    fallbackText: "-",
    parse: parseAudiences,
  }),
  tenantId: defineVariable<string | null>({
    name: "AZURE_TENANT_ID",
    meaning: "id of the tenant whose tokens are taken",
    fallback: null,
    fallbackText: "-",
    parse: parseText,
  }),
  entraAuthority: defineVariable<string>({
    name: "FLEETQUAKE_ENTRA_AUTHORITY",
    meaning: "origin of Entra ID in a sovereign cloud; https, or http to a loopback address",
    fallback: "https://login.microsoftonline.com",
    fallbackText: "https://login.microsoftonline.com",
    parse: parseAuthority,
  }),
  commandPrivateKey: defineVariable<Secret | null>({
    name: "FLEETQUAKE_COMMAND_PRIVATE_KEY",
    meaning:
      "Ed25519 private key that commands are signed with: PKCS#8 as PEM (line ends may be `\\n`) or base64 DER",
    fallback: null,
    fallbackText: "-",
    isSecret: true,
    parse: parseCommandPrivateKey,
  }),
  commandPublicKey: defineVariable<string | null>({
    name: "FLEETQUAKE_COMMAND_PUBLIC_KEY",
    meaning:
      "public keys that the agent in this process takes commands from; by default the private key's own",
    fallback: null,
    fallbackText: "-",
    isSecret: true,
    parse: parseCommandPublicKey,
  }),
} as const;

function parseCommandPrivateKey(text: string): ParsedText<Secret> {
  return attempt(() => {
    readCommandPrivateKey(text);
    return new Secret(text);
  });
}

function parseCommandPublicKey(text: string): ParsedText<string> {
  return attempt(() => {
    readCommandPublicKeys(text);
    return text;
  });
}

function attempt<T>(read: () => T): ParsedText<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    return { ok: false, expected: error instanceof Error ? error.message : "a key" };
  }
}
