import rhea from "rhea";
import { expect, it } from "vitest";

import { LockTokenSource } from "../entities/lock-token.ts";
import { ManualClock } from "../entities/manual-clock.ts";
import { type Entity, Namespace } from "../entities/namespace.ts";
import { noFaults } from "../faults/fault-hooks.ts";
import { MessageContent } from "../messages/message-content.ts";
import { manageCredits, sendCredits } from "./operation-credits.ts";

function topicWithFilters(count: number): Entity {
  const namespace = new Namespace({
    clock: new ManualClock(),
    lockTokens: new LockTokenSource(),
    faults: noFaults(),
    notFoundText: (path) => path,
  });
  const topic = namespace.createTopic("t", {});
  for (let index = 0; index < count; index += 1) {
    namespace
      .createSubscription("t", `s${index}`, {})
      .addRule("r", { kind: index === 0 ? "true" : "false" });
  }
  return topic;
}

function request(operation: string, body: Record<string, unknown> = {}): MessageContent {
  const encoded = rhea.message.encode({ application_properties: { operation }, body });
  return MessageContent.parse(encoded);
}

it("charges a message 1, and 1 for each filter of its topic, whether it is sent or scheduled", () => {
  const topic = topicWithFilters(3);
  expect(sendCredits(topic, 2)).toBe(2 * (1 + 3));
  const messages = [{ message: "a" }, { message: "b" }];
  const schedule = request("com.microsoft:schedule-message", { messages });
  expect(manageCredits(schedule, topic)).toBe(2 * (1 + 3));
});

it("charges changes of rules as management, and other requests 1", () => {
  const topic = topicWithFilters(0);
  const operations = ["add-rule", "remove-rule", "enumerate-rules", "peek-message", "renew-lock"];
  expect(operations.map((name) => manageCredits(request(`com.microsoft:${name}`), topic))).toEqual([
    10, 10, 10, 1, 1,
  ]);
});
