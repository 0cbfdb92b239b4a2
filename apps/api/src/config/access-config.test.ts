import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConfigError } from "./config-error.ts";
import { loadConfig, type ApiConfig } from "./load-config.ts";

const TENANT = "9f3c2a10-0000-4000-8000-00000000000A";
const APPLICATION = "11111111-2222-4333-8444-555555555555";
const [first, second] = ["a".repeat(64), "B".repeat(64)];

function load(environment: Record<string, string>): ApiConfig {
  return loadConfig({ FLEETQUAKE_BUS_NAMESPACE: "a.b", ...environment });
}

function mistakesOf(environment: Record<string, string>): string {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.mistakes.join("\n");
    }
    throw error;
  }
  return "";
}

describe("keys of the API", () => {
  it("are hashes with a name, or with their first digits for one", () => {
    const { access } = load({
      FLEETQUAKE_API_KEYS_READ: `grafana=${first}`,
      FLEETQUAKE_API_KEYS_OPERATE: ` ci=${second} ,${"c".repeat(64)}`,
    });
    expect(access?.keys).toEqual([
      { name: "ci", role: "operate", sha256: "b".repeat(64) },
      { name: "cccccccc", role: "operate", sha256: "c".repeat(64) },
      { name: "grafana", role: "read", sha256: first },
    ]);
    expect(access?.entra).toBeNull();
  });

  it.each([
    ["a key instead of its hash", "correct-horse-battery-staple"],
    ["a short hash", "a".repeat(63)],
    ["a name with a space", `my key=${first}`],
    ["an empty item", `${first},`],
    ["the hash of nothing", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["the same key twice", `one=${first},two=${first.toUpperCase()}`],
  ])("refuse %s without repeating it", (_what, text) => {
    const mistakes = mistakesOf({ FLEETQUAKE_API_KEYS_OPERATE: text });
    expect(mistakes).toMatch(/^FLEETQUAKE_API_KEYS_OPERATE must be [^\n]+$/);
    expect(mistakes).not.toContain(text);
  });

  it("stand in one list", () => {
    const both = { FLEETQUAKE_API_KEYS_READ: first, FLEETQUAKE_API_KEYS_OPERATE: first };
    expect(mistakesOf(both)).toMatch(/list it once/);
  });
});

describe("Entra ID", () => {
  const entra = { AZURE_TENANT_ID: TENANT, FLEETQUAKE_API_AUDIENCE: APPLICATION };

  it("is known by tenant and audience; an id and its application ID URI stand for each other", () => {
    const tenant = TENANT.toLowerCase();
    expect(load(entra).access?.entra).toEqual({
      tenantId: tenant,
      audiences: [APPLICATION, `api://${APPLICATION}`],
      issuers: [
        `https://login.microsoftonline.com/${tenant}/v2.0`,
        `https://sts.windows.net/${tenant}/`,
      ],
      keysUrl: `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`,
    });
    const byUri = load({
      ...entra,
      FLEETQUAKE_API_AUDIENCE: `api://${APPLICATION}, api://lab/chaos`,
    });
    expect(byUri.access?.entra?.audiences).toEqual([
      APPLICATION,
      `api://${APPLICATION}`,
      "api://lab/chaos",
    ]);
  });

  it("may be that of a sovereign cloud", () => {
    const authority = "https://login.partner.microsoftonline.cn";
    const settings = load({ ...entra, FLEETQUAKE_ENTRA_AUTHORITY: authority }).access?.entra;
    expect(settings?.issuers[1]).toBe(`https://sts.chinacloudapi.cn/${TENANT.toLowerCase()}/`);
    expect(settings?.keysUrl).toContain(authority);
  });

  it("is not switched on by the process's own identity", () => {
    expect(load({ AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: APPLICATION }).access).toBeNull();
    const open = {
      AZURE_TENANT_ID: TENANT,
      AZURE_CLIENT_ID: APPLICATION,
      FLEETQUAKE_HOST: "0.0.0.0",
    };
    expect(mistakesOf(open)).toContain("FLEETQUAKE_API_AUDIENCE");
  });

  it.each([
    [{ FLEETQUAKE_API_AUDIENCE: APPLICATION }, /AZURE_TENANT_ID must be the tenant's id/],
    [{ ...entra, AZURE_TENANT_ID: "common" }, /AZURE_TENANT_ID must be the tenant's id/],
    [{ ...entra, FLEETQUAKE_API_AUDIENCE: "my-api" }, /FLEETQUAKE_API_AUDIENCE must be/],
    [{ ...entra, FLEETQUAKE_ENTRA_AUTHORITY: "http://login.example" }, /an https origin/],
    [{ ...entra, FLEETQUAKE_ENTRA_AUTHORITY: "https://login.example/x" }, /an https origin/],
    [{ ...entra, FLEETQUAKE_ENTRA_AUTHORITY: "file:///keys" }, /an https origin/],
  ])("refuses %j", (environment, mistake) => {
    expect(mistakesOf(environment)).toMatch(mistake);
  });

  it("may be reached by http on this machine, for tests", () => {
    const authority = "http://127.0.0.1:9000";
    const settings = load({ ...entra, FLEETQUAKE_ENTRA_AUTHORITY: authority }).access?.entra;
    expect(settings?.keysUrl).toMatch(/^http:\/\/127.0.0.1:9000\//);
  });
});

describe("keys of commands", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const other = generateKeyPairSync("ed25519").publicKey;
  const pem = (key: KeyObject): string =>
    String(key.export({ format: "pem", type: key.type === "private" ? "pkcs8" : "spki" }));
  const signing = { FLEETQUAKE_COMMAND_PRIVATE_KEY: pem(privateKey) };

  it("are a secret, and the public key that goes with it", () => {
    const config = load(signing);
    expect(config.commandKeys.privateKey?.reveal()).toBe(pem(privateKey).trim());
    expect(config.commandKeys.publicKey).toBe(pem(publicKey));
    expect(JSON.stringify(config)).not.toContain("PRIVATE");
    const both = load({
      ...signing,
      FLEETQUAKE_COMMAND_PUBLIC_KEY: `${pem(other)}${pem(publicKey)}`,
    });
    expect(both.commandKeys.publicKey).toContain(pem(other).trim());
  });

  it("are none by default", () => {
    expect(load({}).commandKeys).toEqual({ privateKey: null, publicKey: null });
  });

  it.each([
    [
      "a wrong private key",
      { FLEETQUAKE_COMMAND_PRIVATE_KEY: "hunter2" },
      /PRIVATE_KEY must be an Ed25519/,
    ],
    [
      "a wrong public key",
      { ...signing, FLEETQUAKE_COMMAND_PUBLIC_KEY: "hunter2" },
      /PUBLIC_KEY must be/,
    ],
    [
      "a public key alone",
      { FLEETQUAKE_COMMAND_PUBLIC_KEY: pem(publicKey) },
      /needs FLEETQUAKE_COMMAND_PRIVATE/,
    ],
    [
      "two that do not belong together",
      { ...signing, FLEETQUAKE_COMMAND_PUBLIC_KEY: pem(other) },
      /does not belong/,
    ],
  ])("refuse %s", (_what, environment, mistake) => {
    expect(mistakesOf(environment)).toMatch(mistake);
    expect(mistakesOf(environment)).not.toContain("hunter2");
  });
});
