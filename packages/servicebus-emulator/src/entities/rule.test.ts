import rhea from "rhea";
import { expect, it } from "vitest";

import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import { MessageContent } from "../messages/message-content.ts";
import { type CorrelationFilter, type FilterValue, matchesFilter } from "./rule.ts";

const when = new Date(Date.UTC(2026, 0, 1));

const content = MessageContent.parse(
  rhea.message.encode({
    message_id: "id",
    to: "fleet",
    subject: "command",
    reply_to: "events",
    correlation_id: "corr",
    content_type: "application/json",
    group_id: "session",
    reply_to_group_id: "answers",
    application_properties: { role: "worker", shard: 3, ratio: 0.5, urgent: true, when },
    body: "x",
  }),
);

const message = new EnqueuedMessage(content, { sequenceNumber: 1, enqueuedAt: 0 });

function filter(
  properties: CorrelationFilter["properties"],
  applicationProperties: Readonly<Record<string, FilterValue>> = {},
): CorrelationFilter {
  return {
    kind: "correlation",
    properties,
    applicationProperties: new Map(Object.entries(applicationProperties)),
  };
}

it("lets everything or nothing pass", () => {
  expect(matchesFilter({ kind: "true" }, message)).toBe(true);
  expect(matchesFilter({ kind: "false" }, message)).toBe(false);
});

it.each<[CorrelationFilter["properties"]]>([
  [{ messageId: "id" }],
  [{ to: "fleet" }],
  [{ subject: "command" }],
  [{ replyTo: "events" }],
  [{ correlationId: "corr" }],
  [{ contentType: "application/json" }],
  [{ sessionId: "session" }],
  [{ replyToSessionId: "answers" }],
])("compares %j, with regard to case", (properties) => {
  expect(matchesFilter(filter(properties), message)).toBe(true);
  for (const [key, value] of Object.entries(properties)) {
    expect(matchesFilter(filter({ [key]: value?.toUpperCase() }), message)).toBe(false);
  }
});

it("compares application properties by value and type", () => {
  const all = { role: "worker", shard: 3, ratio: 0.5, urgent: true, when };
  expect(matchesFilter(filter({}, all), message)).toBe(true);
  expect(matchesFilter(filter({}, { ...all, shard: "3" }), message)).toBe(false);
  expect(matchesFilter(filter({}, { when: new Date(0) }), message)).toBe(false);
  expect(matchesFilter(filter({}, { missing: "x" }), message)).toBe(false);
});

it("wants all that it names, not one of it", () => {
  expect(matchesFilter(filter({ subject: "command" }, { shard: 3 }), message)).toBe(true);
  expect(matchesFilter(filter({ subject: "command" }, { shard: 4 }), message)).toBe(false);
});
