import { describe, expect, it } from "vitest";
import { ConfigError } from "./config-error.ts";
import { busConnectionOf, loadConfig } from "./load-config.ts";

const KEY = "c2VjcmV0IGtleSBvZiB0aGUgYnVz";
const bus = `Endpoint=sb://127.0.0.1:5999;SharedAccessKeyName=Root;SharedAccessKey=${KEY};UseDevelopmentEmulator=true`;

function mistakesOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.mistakes;
    }
    throw error;
  }
  return [];
}

describe("loadConfig", () => {
  it("has safe defaults: loopback, a cool-down, consent to redis-reset alone", () => {
    expect(loadConfig({ FLEETQUAKE_BUS_CONNECTION_STRING: bus })).toMatchObject({
      host: "127.0.0.1",
      port: 8_000,
      logLevel: "info",
      busTier: "embedded",
      coolDownInMs: 5_000,
      publicOrigins: [],
      allow: ["redis-reset"],
      labels: {},
      replicaId: null,
    });
  });

  it("cannot be changed afterwards", () => {
    expect(Object.isFrozen(loadConfig({ FLEETQUAKE_BUS_CONNECTION_STRING: bus }))).toBe(true);
  });

  it("shows no secret when it is logged, and gives it to the bus", () => {
    const config = loadConfig({
      FLEETQUAKE_BUS_CONNECTION_STRING: bus,
      REDIS_URL: "redis://u:hunter2@r",
    });
    expect(JSON.stringify(config)).not.toMatch(/hunter2|c2VjcmV0/);
    expect(busConnectionOf(config)).toEqual({ connectionString: bus });
  });

  it("takes a namespace instead of a connection string, which is metered", () => {
    const config = loadConfig({ FLEETQUAKE_BUS_NAMESPACE: "fleet.servicebus.windows.net" });
    expect(busConnectionOf(config)).toEqual({ namespace: "fleet.servicebus.windows.net" });
    expect(config.busTier).toBe("standard");
  });

  it("takes the namespace's tier, and knows an emulator by itself", () => {
    const premium = { FLEETQUAKE_BUS_TIER: "premium" };
    const namespace = { FLEETQUAKE_BUS_NAMESPACE: "fleet.servicebus.windows.net" };
    expect(loadConfig({ ...premium, ...namespace }).busTier).toBe("premium");
    expect(loadConfig({ ...premium, FLEETQUAKE_BUS_CONNECTION_STRING: bus }).busTier).toBe(
      "embedded",
    );
    expect(mistakesOf({ ...namespace, FLEETQUAKE_BUS_TIER: "basic" }).join()).toMatch(
      /FLEETQUAKE_BUS_TIER.*standard.*premium/,
    );
  });

  it.each(["0.0.0.0", "::", "10.0.0.1", "192.168.1.4", "myhost", "127.0.0.1.example.com"])(
    "refuses to listen on %s without authentication, and says how to configure it",
    (host) => {
      const mistakes = mistakesOf({
        FLEETQUAKE_BUS_CONNECTION_STRING: bus,
        FLEETQUAKE_HOST: host,
      });
      expect(mistakes).toHaveLength(1);
      expect(mistakes[0]).toMatch(/FLEETQUAKE_HOST must be a loopback address.*authentication/);
      expect(mistakes[0]).toMatch(/FLEETQUAKE_API_KEYS_OPERATE.*FLEETQUAKE_API_AUDIENCE/);
      const keys = { FLEETQUAKE_API_KEYS_READ: "a".repeat(64) };
      const environment = { FLEETQUAKE_BUS_CONNECTION_STRING: bus, FLEETQUAKE_HOST: host, ...keys };
      expect(loadConfig(environment).host).toBe(host);
    },
  );

  it.each([
    ["localhost", "127.0.0.1"],
    ["::1", "::1"],
    ["[::1]", "::1"],
    ["127.0.0.2", "127.0.0.2"],
  ])("listens on %s, open", (host, address) => {
    const environment = { FLEETQUAKE_BUS_CONNECTION_STRING: bus, FLEETQUAKE_HOST: host };
    expect(loadConfig(environment)).toMatchObject({ host: address, access: null });
  });

  it("names every mistake at once, and repeats no secret", () => {
    const mistakes = mistakesOf({
      APP_PORT: "70000",
      LOG_LEVEL: "loud",
      FLEETQUAKE_BUS_CONNECTION_STRING: `Endpoint=sb://x;SharedAccessKey=${KEY}`,
      FLEETQUAKE_RESET_COOLDOWN_MS: "-1",
      FLEETQUAKE_PUBLIC_ORIGINS: "https://*.example.com",
      FLEETQUAKE_LABELS: "a=1,a=2",
      FLEETQUAKE_ALLOW: "redis-reset,explode",
      FLEETQUAKE_API_KEYS_READ: "k",
      FLEETQUAKE_COMMAND_PUBLIC_KEY: "k",
      REDIS_PORT: "x",
    });
    const named = mistakes.map((mistake) => mistake.split(" ", 1)[0]);
    expect(new Set(named)).toEqual(
      new Set([
        "APP_PORT",
        "FLEETQUAKE_ALLOW",
        "FLEETQUAKE_API_KEYS_READ",
        "FLEETQUAKE_BUS_CONNECTION_STRING",
        "FLEETQUAKE_COMMAND_PUBLIC_KEY",
        "FLEETQUAKE_LABELS",
        "FLEETQUAKE_PUBLIC_ORIGINS",
        "FLEETQUAKE_RESET_COOLDOWN_MS",
        "LOG_LEVEL",
        "REDIS_PORT",
      ]),
    );
    expect(mistakes.join(" ")).not.toContain(KEY);
    expect(mistakes.join(" ")).toContain("SharedAccessKeyName");
  });

  it("needs one bus", () => {
    expect(mistakesOf({})[0]).toMatch(/must be set/);
    const both = { FLEETQUAKE_BUS_CONNECTION_STRING: bus, FLEETQUAKE_BUS_NAMESPACE: "a.b" };
    expect(mistakesOf(both)[0]).toMatch(/exclude each other/);
  });

  it("reads lists", () => {
    const config = loadConfig({
      FLEETQUAKE_BUS_CONNECTION_STRING: bus,
      FLEETQUAKE_PUBLIC_ORIGINS: "https://Chaos.example.com:443/, http://lab:8080",
      FLEETQUAKE_LABELS: "zone=1, ring = canary",
      FLEETQUAKE_ALLOW: "none",
      LOG_LEVEL: "WARNING",
    });
    expect(config.publicOrigins).toEqual(["https://chaos.example.com", "http://lab:8080"]);
    expect(config.labels).toEqual({ zone: "1", ring: "canary" });
    expect(config.allow).toEqual([]);
    expect(config.logLevel).toBe("warn");
  });
});
