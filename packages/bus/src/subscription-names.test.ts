import { expect, it } from "vitest";
import { issuerSubscriptionName, replicaSubscriptionName } from "./subscription-names.ts";

it("names a replica's subscription by a digest of both of its ids", () => {
  // printf 'orders-714f1c' | sha256sum
  expect(replicaSubscriptionName("orders-7", "14f1c")).toBe("r-e7efacb02a554432");
});

it("gives a restarted process another subscription", () => {
  expect(replicaSubscriptionName("orders-7", "a")).not.toBe(
    replicaSubscriptionName("orders-7", "b"),
  );
});

it("keeps within the 50 characters of a subscription's name, however long the ids are", () => {
  expect(replicaSubscriptionName("x".repeat(256), "y".repeat(256))).toMatch(/^r-[0-9a-f]{16}$/);
  expect(issuerSubscriptionName("z".repeat(256))).toMatch(/^a-[0-9a-f]{16}$/);
});
