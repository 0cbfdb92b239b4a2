import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { FleetStatus, RedisResetAnswer } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { joinFleetBus } from "../support/join-fleet-bus.ts";
import { settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet } from "../support/start-fleet.ts";
import { until } from "../support/until.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");

describe("a fleet of processes that signs its commands", () => {
  it("is reset by its API, and by nobody else who may send to the bus", async () => {
    await using fleet = await startFleet({
      replicas: 2,
      env: {
        FLEETQUAKE_RESET_COOLDOWN_MS: "0",
        FLEETQUAKE_COMMAND_PRIVATE_KEY: String(privateKey.export({ format: "pem", type: "pkcs8" })),
        FLEETQUAKE_COMMAND_PUBLIC_KEY: publicKey
          .export({ format: "der", type: "spki" })
          .toString("base64"),
      },
    });
    await using stranger = await joinFleetBus(fleet.busConnectionString);
    const before = await settledClientIds(fleet);
    await stranger.command({ command_id: randomUUID(), epoch: 1_000_000 });
    const hasDropped = (): boolean => {
      const dropped = stranger
        .published("heartbeat")
        .filter(({ dropped_messages }) => dropped_messages === 1);
      return new Set(dropped.map(({ replica_id }) => replica_id)).size === 3;
    };
    await until(hasDropped);
    expect(stranger.published("acknowledgement")).toEqual([]);
    expect(await fleet.clientIds()).toEqual(before);

    const { status, body } = await fleet.post<RedisResetAnswer>("/chaos/redis-reset");
    expect([status, body.outcome]).toEqual([200, "complete"]);
    expect(body.fleet).toMatchObject({ expected: 3, acknowledged: 3 });
    const after = await fleet.clientIds();
    expect(before.filter((id) => after.includes(id))).toEqual([]);
    const { body: seen } = await fleet.get<FleetStatus>("/chaos/status");
    expect(seen.fleet.active).toBe(3);
  });
});
