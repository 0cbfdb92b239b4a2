import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { loadAgentConfig } from "./load-agent-config.ts";

const bus = { FLEETQUAKE_BUS_CONNECTION_STRING: "Endpoint=sb://127.0.0.1:1" };

describe("loadAgentConfig", () => {
  it("needs only a bus", () => {
    expect(loadAgentConfig(bus)).toEqual({
      ok: true,
      options: { bus: { connectionString: "Endpoint=sb://127.0.0.1:1" } },
    });
    expect(loadAgentConfig({ FLEETQUAKE_BUS_NAMESPACE: "fleet.servicebus.windows.net" })).toEqual({
      ok: true,
      options: { bus: { namespace: "fleet.servicebus.windows.net" } },
    });
  });

  it("reads everything that an application can say of itself", () => {
    const config = loadAgentConfig({
      ...bus,
      FLEETQUAKE_ROLE: "checkout",
      FLEETQUAKE_LABELS: "zone=1, tier=gold=plus,empty=",
      FLEETQUAKE_ALLOW: "redis-reset",
      FLEETQUAKE_REPLICA_ID: "checkout-1",
      REDIS_HOST: "redis.example.org",
      REDIS_PORT: "10000",
      REDIS_SSL: "true",
    });
    expect(config).toMatchObject({
      ok: true,
      options: {
        role: "checkout",
        labels: { zone: "1", tier: "gold=plus", empty: "" },
        allow: ["redis-reset"],
        replicaId: "checkout-1",
        redis: { host: "redis.example.org", port: 10_000, tls: true },
      },
    });
  });

  it.each([
    [{ REDIS_URL: "rediss://user:secret@h:1" }, { url: "rediss://user:secret@h:1" }],
    [{ REDIS_HOST: "h" }, { host: "h", port: 6_379 }],
    [{ REDIS_ENABLED: "False", REDIS_HOST: "h" }, false],
    [{}, undefined],
  ])("takes the control connection from %j", (env, expected) => {
    const config = loadAgentConfig({ ...bus, ...env });
    expect(config.ok && config.options.redis).toEqual(expected);
  });

  it("can allow nothing, and takes an empty variable for one that is not set", () => {
    const none = loadAgentConfig({ ...bus, FLEETQUAKE_ALLOW: "none" });
    expect(none.ok && none.options.allow).toEqual([]);
    const empty = loadAgentConfig({ ...bus, FLEETQUAKE_ALLOW: "", FLEETQUAKE_ROLE: " " });
    expect(empty).toEqual(loadAgentConfig(bus));
  });

  it("takes the key that commands must be signed with, as PEM in one line too", () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const pem = String(publicKey.export({ format: "pem", type: "spki" })).replaceAll("\n", "\\n");
    const config = loadAgentConfig({ ...bus, FLEETQUAKE_COMMAND_PUBLIC_KEY: pem });
    expect(config.ok && config.options.commandPublicKey).toBe(pem);
    const wrong = loadAgentConfig({ ...bus, FLEETQUAKE_COMMAND_PUBLIC_KEY: "x" });
    expect(wrong.ok ? [] : wrong.mistakes).toEqual([
      "FLEETQUAKE_COMMAND_PUBLIC_KEY must be Ed25519 public keys, SPKI as PEM or base64 DER separated by commas",
    ]);
  });

  it("reports all mistakes together and by name, and no secret", () => {
    const config = loadAgentConfig({
      FLEETQUAKE_LABELS: "zone,=1",
      FLEETQUAKE_ALLOW: "redis-reset,everything",
      REDIS_URL: "http://user:secret@h",
    });
    expect(config.ok ? [] : config.mistakes).toEqual([
      "FLEETQUAKE_BUS_CONNECTION_STRING or FLEETQUAKE_BUS_NAMESPACE must be set",
      'FLEETQUAKE_LABELS must be name=value,…; "zone" is not',
      'FLEETQUAKE_LABELS must be name=value,…; "=1" is not',
      'FLEETQUAKE_ALLOW must list redis-reset, load, hang, redis-block, token-expiry, or be none; "everything" is neither',
      "REDIS_URL must be redis://… or rediss://…",
    ]);
    const both = loadAgentConfig({
      ...bus,
      FLEETQUAKE_BUS_NAMESPACE: "n",
      REDIS_HOST: "h",
      REDIS_PORT: "x",
    });
    expect(both.ok ? [] : both.mistakes).toEqual([
      "FLEETQUAKE_BUS_CONNECTION_STRING or FLEETQUAKE_BUS_NAMESPACE: set one, not both",
      "REDIS_PORT must be a port number",
    ]);
  });
});
