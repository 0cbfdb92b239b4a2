import { describe, expect, it } from "vitest";

import {
  formatPath,
  isEntityName,
  isRuleName,
  isSubscriptionName,
  parseAddress,
} from "./entity-name.ts";

describe("names", () => {
  it.each(["q", "chaos-commands", "a/b/c", "a.b_c-9", "Q".repeat(260)])("takes %s", (name) => {
    expect(isEntityName(name)).toBe(true);
  });

  it.each(["", "-a", "a-", "a//b", "/a", "a b", "ä", "q?", "t/Subscriptions/s", "Q".repeat(261)])(
    "does not take %j",
    (name) => {
      expect(isEntityName(name)).toBe(false);
    },
  );

  it("allows subscriptions and rules fifty characters, and rules a dollar sign", () => {
    expect(isSubscriptionName("r-0123456789abcdef")).toBe(true);
    expect(isSubscriptionName("s".repeat(51))).toBe(false);
    expect(isSubscriptionName("a/b")).toBe(false);
    expect(isRuleName("$Default")).toBe(true);
    expect(isRuleName("a/b")).toBe(false);
    expect(isRuleName("r".repeat(51))).toBe(false);
  });
});

describe("addresses", () => {
  const queue = { kind: "entity", name: "a/b" };
  const subscription = { kind: "subscription", topic: "a/t", name: "s" };

  it.each([
    ["a/b", { node: "messages", path: queue, subQueue: "none" }],
    ["sb://127.0.0.1:5672/a/b/", { node: "messages", path: queue, subQueue: "none" }],
    ["amqp://host/a/b/$management", { node: "management", path: queue, subQueue: "none" }],
    ["a/t/Subscriptions/s", { node: "messages", path: subscription, subQueue: "none" }],
    ["a/t/subscriptions/s", { node: "messages", path: subscription, subQueue: "none" }],
    ["a/b/$DeadLetterQueue", { node: "messages", path: queue, subQueue: "deadLetter" }],
    [
      "a/t/Subscriptions/s/$deadletterqueue/$management",
      { node: "management", path: subscription, subQueue: "deadLetter" },
    ],
    [
      "a/b/$Transfer/$DeadLetterQueue",
      { node: "messages", path: queue, subQueue: "transferDeadLetter" },
    ],
    ["$cbs", { node: "cbs", path: undefined, subQueue: "none" }],
  ])("reads %s", (address, expected) => {
    expect(parseAddress(address)).toEqual(expected);
  });

  it.each(["", "/", "sb://host", "$management", "$DeadLetterQueue", "$unknown", "$cbs/x"])(
    "leads nowhere with %j",
    (address) => {
      expect(parseAddress(address)).toBeUndefined();
    },
  );

  it("writes paths as Service Bus does", () => {
    expect(formatPath({ kind: "subscription", topic: "t", name: "s" })).toBe("t/Subscriptions/s");
    expect(formatPath({ kind: "entity", name: "q" })).toBe("q");
  });
});
