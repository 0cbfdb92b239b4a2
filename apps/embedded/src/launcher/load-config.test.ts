import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LAUNCHER_VARIABLES, loadConfig } from "./load-config.ts";

describe("loadConfig", () => {
  it("starts one API on port 8000 of loopback and three workers unless told otherwise", () => {
    expect(loadConfig({})).toEqual({
      host: "127.0.0.1",
      port: 8_000,
      apis: 1,
      workers: 3,
      redisUrl: null,
    });
  });

  it("takes an empty variable as one that is not set", () => {
    const empty = { APP_PORT: "", REDIS_URL: "", FLEETQUAKE_WORKERS: "", FLEETQUAKE_HOST: "" };
    expect(loadConfig(empty)).toEqual(loadConfig({}));
  });

  it("takes no workers at all, and the bounds themselves", () => {
    const config = loadConfig({
      APP_PORT: "65528",
      FLEETQUAKE_APIS: "8",
      FLEETQUAKE_WORKERS: "0",
      REDIS_URL: "rediss://user:secret@cache.example:6380/2",
    });
    expect(config).toMatchObject({ port: 65_528, apis: 8, workers: 0 });
    expect(config.redisUrl).toBe("rediss://user:secret@cache.example:6380/2");
  });

  it("names all mistakes together, each with what would be right", () => {
    const env = {
      APP_PORT: "http",
      FLEETQUAKE_APIS: "9",
      FLEETQUAKE_WORKERS: "65",
      REDIS_URL: "x",
    };
    expect(() => loadConfig(env)).toThrow(
      [
        "the configuration is wrong:",
        "    APP_PORT=http must be an integer from 1 to 65535",
        "    FLEETQUAKE_APIS=9 must be an integer from 1 to 8",
        "    FLEETQUAKE_WORKERS=65 must be an integer from 0 to 64",
        "    REDIS_URL must be a URL such as redis://host:6379 or rediss://user:password@host:6380",
      ].join("\n"),
    );
  });

  it.each(["-1", "2.5", "1e1", "0x10", " 3", "three"])("refuses FLEETQUAKE_WORKERS=%s", (text) => {
    expect(() => loadConfig({ FLEETQUAKE_WORKERS: text })).toThrow(/FLEETQUAKE_WORKERS=/);
  });

  it("refuses APIs whose ports would end above 65535", () => {
    const env = { APP_PORT: "65530", FLEETQUAKE_APIS: "8" };
    expect(() => loadConfig(env)).toThrow(
      "APP_PORT=65530 with FLEETQUAKE_APIS=8 ends at port 65537, above 65535",
    );
  });

  it("never repeats a Redis URL, which may hold a password", () => {
    const secret = "http://user:hunter2@host:6379";
    expect(() => loadConfig({ REDIS_URL: secret })).toThrow(/^(?!.*hunter2)/s);
  });
});

describe("README.md", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

  it.each(Object.entries(LAUNCHER_VARIABLES))(
    "has %s with its bounds and default",
    (name, range) => {
      expect(readme).toContain(
        `| \`${name}\` | ${range.least} to ${range.most} | ${range.fallback} |`,
      );
    },
  );
});
