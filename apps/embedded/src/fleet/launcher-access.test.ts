import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { childEnvironment } from "./child-environment.ts";
import { launcherAccess } from "./launcher-access.ts";

it("needs no key where the APIs are open", () => {
  expect(launcherAccess({ FLEETQUAKE_API_KEYS_READ: " " })).toEqual({ key: null, env: {} });
});

it("tells guarded APIs the hash of a key of its own, beside the user's", () => {
  const user = `ada=${"a".repeat(64)}`;
  const { key, env } = launcherAccess({ FLEETQUAKE_API_KEYS_READ: user });
  const hash = createHash("sha256")
    .update(key ?? "")
    .digest("hex");
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(env).toEqual({ FLEETQUAKE_API_KEYS_READ: `${user},launcher=${hash}` });
});

it("is needed too where only operators or Entra tokens are let in", () => {
  expect(launcherAccess({ FLEETQUAKE_API_KEYS_OPERATE: "b".repeat(64) }).key).not.toBeNull();
  expect(launcherAccess({ FLEETQUAKE_API_AUDIENCE: "api://fleet" }).key).not.toBeNull();
});

it("keeps from workers what only an API may know", () => {
  const base = {
    FLEETQUAKE_COMMAND_PRIVATE_KEY: "secret",
    FLEETQUAKE_API_KEYS_OPERATE: "hash",
    FLEETQUAKE_COMMAND_PUBLIC_KEY: "public",
  };
  const options = { redisUrl: "redis://r", isRedisGiven: false, busConnectionString: "bus" };
  const worker = childEnvironment(base, { ...options, kind: "worker" });
  expect(worker).not.toHaveProperty("FLEETQUAKE_COMMAND_PRIVATE_KEY");
  expect(worker).not.toHaveProperty("FLEETQUAKE_API_KEYS_OPERATE");
  expect(worker["FLEETQUAKE_COMMAND_PUBLIC_KEY"]).toBe("public");
  expect(childEnvironment(base, { ...options, kind: "api" })).toMatchObject(base);
});
