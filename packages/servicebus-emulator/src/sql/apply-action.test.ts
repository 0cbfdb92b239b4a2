import rhea from "rhea";
import { expect, it } from "vitest";

import { AmqpUuid } from "../amqp/amqp-value.ts";
import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import { MessageContent } from "../messages/message-content.ts";
import { applyAction } from "./apply-action.ts";
import { parseAction } from "./parse-action.ts";
import { SqlEvaluationError } from "./sql-error.ts";

const content = MessageContent.parse(
  rhea.message.encode({
    message_id: "id",
    subject: "old",
    application_properties: { a: 1, text: "x", Kept: true },
    body: "body",
  }),
);
const message = new EnqueuedMessage(content, { sequenceNumber: 3, enqueuedAt: 0 });

function apply(expression: string): MessageContent {
  return applyAction(parseAction(expression, new Map()), message);
}

function decoded(changed: MessageContent): Record<string, unknown> {
  const { body, ...rest } = rhea.message.decode(
    new EnqueuedMessage(changed, message).encode({ deliveryCount: 0, ttlInMs: undefined }),
  );
  return { ...rest, body };
}

it("sets and removes properties of the sender and of the system, one after the other", () => {
  const changed = apply(
    "SET a = a + 1; SET b = a * 10; SET sys.Label = text + 'y'; REMOVE text; SET kept = FALSE; SET [new name] = sys.SequenceNumber / 2.0; SET sys.ReplyTo = b",
  );
  expect(decoded(changed)).toMatchObject({
    message_id: "id",
    subject: "xy",
    reply_to: "20",
    body: "body",
    application_properties: { a: 2, b: 20, Kept: false, "new name": 1.5 },
  });
  expect([...changed.applicationProperties.keys()].toSorted()).toEqual([
    "Kept",
    "a",
    "b",
    "new name",
  ]);
});

it("copies numbers that only an unsigned long or a double holds", () => {
  const largest = new EnqueuedMessage(
    MessageContent.parse(
      rhea.message.encode({
        application_properties: {
          unsigned: rhea.types.wrap_ulong(Buffer.alloc(8, 0xff)),
          real: rhea.types.wrap_double(-Number.MAX_VALUE),
        },
        body: "body",
      }),
    ),
    { sequenceNumber: 4, enqueuedAt: 0 },
  );
  const changed = applyAction(parseAction("SET a = unsigned; SET b = real", new Map()), largest);
  expect(changed.applicationProperties.get("a")).toBe(2n ** 64n - 1n);
  expect(changed.applicationProperties.get("b")).toBe(-Number.MAX_VALUE);
});

it("leaves the message itself as it was", () => {
  apply("SET a = 9 REMOVE text");
  expect(content.applicationProperties.get("a")).toBe(1);
  expect(content.properties.subject).toBe("old");
});

it("takes a property away that is removed, or set to something unknown", () => {
  const changed = apply("SET a = missing, REMOVE sys.Label");
  expect(changed.applicationProperties.has("a")).toBe(false);
  expect(changed.properties.subject).toBeUndefined();
  expect(changed.properties.messageId).toBe("id");
});

it("makes a new id for each use", () => {
  const changed = apply("SET one = newid(); SET two = newid()");
  const one = changed.applicationProperties.get("one");
  expect(one).toBeInstanceOf(AmqpUuid);
  expect(one).not.toEqual(changed.applicationProperties.get("two"));
});

it.each([
  ["", "SET or REMOVE"],
  ["SET a", "'='"],
  ["SET a = 1 = 2", "SET or REMOVE"],
  ["SET a = (b = 1)", "A value"],
  ["SET sys.SequenceNumber = 1", "cannot be changed"],
  ["REMOVE sys.Nothing", "no system property"],
  ["a = 1", "SET or REMOVE"],
  [Array.from({ length: 33 }, () => "REMOVE a").join(";"), "32 statements"],
])("refuses %j and says %s", (expression, reason) => {
  expect(() => parseAction(expression, new Map())).toThrow(reason);
});

it("fails for a message for which a value cannot be worked out", () => {
  expect(() => apply("SET a = text * 2")).toThrow(SqlEvaluationError);
});
