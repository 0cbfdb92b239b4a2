import { describe, expect, it } from "vitest";
import { EndpointSet } from "./endpoint-set.ts";

describe("EndpointSet", () => {
  it("knows an IPv4 address also as a dual-stack socket shows it", () => {
    const endpoints = new EndpointSet();
    endpoints.add({ host: "10.0.0.1", port: 6379 });
    expect(endpoints.has({ host: "::ffff:10.0.0.1", port: 6379 })).toBe(true);
    expect(endpoints.has({ host: "10.0.0.1", port: 6380 })).toBe(false);
  });

  it("ignores the case of names, but not of paths", () => {
    const endpoints = new EndpointSet();
    endpoints.add({ host: "Cache.Example", port: 6379 });
    endpoints.add({ host: "/run/Redis.sock", port: 0 });
    expect(endpoints.has({ host: "cache.example", port: 6379 })).toBe(true);
    expect(endpoints.has({ host: "/run/redis.sock", port: 0 })).toBe(false);
    expect([...endpoints]).toContainEqual({ host: "/run/Redis.sock", port: 0 });
  });
});
