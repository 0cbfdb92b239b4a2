import { describe, expect, it } from "vitest";
import { neededRole } from "./needed-role.ts";

describe("neededRole", () => {
  it.each([
    ["GET", "/livez", "/livez", "none"],
    ["HEAD", "/health", "/health", "none"],
    ["GET", "/readyz", "/readyz?x=1", "none"],
    ["GET", "/", "/", "read"],
    ["GET", "/chaos/status", "/chaos/status", "read"],
    ["OPTIONS", undefined, "/chaos/redis-reset", "read"],
    ["OPTIONS", undefined, "*", "read"],
    ["GET", undefined, "/nope", "read"],
    ["POST", undefined, "/livez", "read"],
    ["POST", undefined, "/chaosx", "read"],
    ["POST", undefined, "/nope?/chaos/", "read"],
    ["POST", "/chaos/redis-reset", "/chaos/redis-reset", "operate"],
    ["DELETE", "/chaos/load", "/chaos/load", "operate"],
    ["PUT", undefined, "/chaos/status", "operate"],
    ["POST", undefined, "/chaos", "operate"],
    ["POST", undefined, "/%63haos/redis-reset", "operate"],
    ["POST", undefined, "//chaos/redis-reset", "operate"],
    ["POST", undefined, "/CHAOS/x", "operate"],
    ["POST", undefined, "http://localhost/chaos/x", "operate"],
    ["POST", undefined, "/chaos/%zz", "operate"],
  ] as const)("%s of the route %s at %s takes %s", (method, route, url, role) => {
    expect(neededRole({ method, route, url })).toBe(role);
  });
});
