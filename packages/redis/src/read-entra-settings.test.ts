import { describe, expect, it } from "vitest";
import { readRedisSettings } from "./read-redis-settings.ts";

function read(environment: Record<string, string>) {
  const mistakes: string[] = [];
  const settings = readRedisSettings(environment, mistakes);
  return { settings, mistakes };
}

const HOST = { REDIS_HOST: "fleet.westeurope.redis.azure.net" };

describe("readRedisSettings with Entra ID", () => {
  it("is on where it is asked for, with the port and the TLS of Azure Managed Redis", () => {
    const { settings, mistakes } = read({ ...HOST, FLEETQUAKE_REDIS_ENTRA: "true" });
    expect(mistakes).toEqual([]);
    expect(settings).toMatchObject({
      port: 10_000,
      tls: true,
      entra: { clientId: null, tenantId: null, objectId: null },
    });
  });

  it("is on by the original tool's variables: host, TLS and the identity's client id", () => {
    const original = { ...HOST, REDIS_SSL: "true", AZURE_CLIENT_ID: "c", AZURE_TENANT_ID: "t" };
    expect(read(original).settings).toMatchObject({
      port: 10_000,
      entra: { clientId: "c", tenantId: "t", objectId: null },
    });
    expect(read({ ...original, FLEETQUAKE_REDIS_ENTRA: "false" }).settings).toMatchObject({
      port: 6_379,
      entra: null,
    });
    for (const name of ["REDIS_HOST", "REDIS_SSL", "AZURE_CLIENT_ID"]) {
      expect(read({ ...original, [name]: "" }).settings.entra).toBeNull();
    }
  });

  it("is off with a URL: an access key stays an access key", () => {
    const { settings } = read({
      ...HOST,
      REDIS_SSL: "1",
      AZURE_CLIENT_ID: "c",
      REDIS_URL: "redis://:k@h",
    });
    expect([settings.entra, settings.host, settings.password?.reveal()]).toEqual([null, "h", "k"]);
  });

  it("takes port, TLS and user as they are given", () => {
    const { settings } = read({
      ...HOST,
      FLEETQUAKE_REDIS_ENTRA: "true",
      REDIS_PORT: "7000",
      REDIS_SSL: "false",
      FLEETQUAKE_REDIS_OBJECT_ID: "oid",
    });
    expect(settings).toMatchObject({ port: 7_000, tls: false, entra: { objectId: "oid" } });
  });

  it("refuses a URL beside it, and a missing host, with the reason", () => {
    expect(read({ FLEETQUAKE_REDIS_ENTRA: "true" }).mistakes).toEqual([
      "REDIS_HOST must be set with FLEETQUAKE_REDIS_ENTRA",
    ]);
    const both = { ...HOST, FLEETQUAKE_REDIS_ENTRA: "true", REDIS_URL: "redis://:k@h" };
    expect(read(both).mistakes).toEqual([
      "FLEETQUAKE_REDIS_ENTRA and REDIS_URL exclude each other: say where the server is by REDIS_HOST",
    ]);
  });
});
