import rhea from "rhea";
import { describe, expect, it } from "vitest";

import { stringValue, symbolValue } from "../amqp/encode-value.ts";
import { EnqueuedMessage } from "./enqueued-message.ts";
import { MessageContent } from "./message-content.ts";
import { batchFormat, readMessages } from "./read-messages.ts";

/** What another implementation of AMQP makes of the bytes, and sends. */
const { message: codec, types } = rhea;

const enqueueing = { sequenceNumber: 42, enqueuedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678) };

function encoded(): Buffer {
  return codec.encode({
    durable: true,
    priority: 7,
    ttl: 5000,
    message_id: "id",
    user_id: "user",
    to: "to",
    subject: "label",
    reply_to: "reply",
    correlation_id: 12,
    content_type: "text/plain",
    group_id: "session",
    reply_to_group_id: "other",
    message_annotations: { "x-opt-partition-key": "p", "x-opt-sequence-number": 1 },
    application_properties: { long: types.wrap_long(5), float: types.wrap_float(0.5) },
    body: codec.data_section(Buffer.from("body")),
  });
}

describe("MessageContent", () => {
  it("reads what rules and sessions look at", () => {
    const content = MessageContent.parse(encoded());
    expect(content).toMatchObject({ durable: true, priority: 7, ttlInMs: 5000 });
    expect(content.properties).toEqual({
      messageId: "id",
      to: "to",
      subject: "label",
      replyTo: "reply",
      correlationId: "12",
      contentType: "text/plain",
      sessionId: "session",
      replyToSessionId: "other",
    });
    expect(content.applicationProperties).toEqual(
      new Map([
        ["long", 5],
        ["float", 0.5],
      ]),
    );
  });

  it("passes properties and body on in the sender's own bytes", () => {
    const bytes = encoded();
    const { rest } = MessageContent.parse(bytes);
    expect(bytes.subarray(bytes.length - rest.length)).toEqual(rest);
  });

  it("gives an id to a message that has none, and keeps every other property", () => {
    const content = MessageContent.parse(codec.encode({ subject: "label", body: "x" }));
    expect(content.properties.messageId).toMatch(/^[0-9a-f]{32}$/u);
    expect(content.properties.subject).toBe("label");
    expect(MessageContent.parse(Buffer.alloc(0)).properties.messageId).toHaveLength(32);
  });

  it("replaces and adds application properties, and leaves the original as it was", () => {
    const content = MessageContent.parse(encoded());
    const changed = content.withApplicationProperties([
      { key: "long", keyBytes: stringValue("long"), valueBytes: stringValue("now text") },
      { key: "new", keyBytes: stringValue("new"), valueBytes: stringValue("added") },
    ]);
    expect(Object.fromEntries(changed.applicationProperties)).toEqual({
      float: 0.5,
      long: "now text",
      new: "added",
    });
    expect(content.applicationProperties.get("long")).toBe(5);
    expect(changed.properties).toEqual(content.properties);
  });

  it("knows for when it is scheduled", () => {
    const when = new Date(Date.UTC(2026, 5, 1));
    const scheduled = codec.encode({
      body: "x",
      message_annotations: { "x-opt-scheduled-enqueue-time": when },
    });
    expect(MessageContent.parse(scheduled).scheduledAt).toBe(when.getTime());
    expect(MessageContent.parse(encoded()).scheduledAt).toBeUndefined();
  });

  it("refuses what is no message", () => {
    expect(() => MessageContent.parse(Buffer.from("not AMQP"))).toThrow("described");
    expect(() => MessageContent.parse(encoded().subarray(0, -1))).toThrow("longer");
  });
});

describe("EnqueuedMessage", () => {
  const message = new EnqueuedMessage(MessageContent.parse(encoded()), enqueueing);

  it("adds what the broker knows, as another implementation reads it", () => {
    const lockedUntil = enqueueing.enqueuedAt + 60_000;
    const decoded = codec.decode(
      message.encode({ deliveryCount: 3, ttlInMs: 1000, lockedUntil, deadLetterSource: "q" }),
    );
    expect(decoded).toMatchObject({
      durable: true,
      priority: 7,
      ttl: 1000,
      delivery_count: 3,
      message_id: "id",
      subject: "label",
      application_properties: { long: 5, float: 0.5 },
      message_annotations: {
        "x-opt-partition-key": "p",
        "x-opt-sequence-number": 42,
        "x-opt-enqueued-time": new Date(enqueueing.enqueuedAt),
        "x-opt-locked-until": new Date(lockedUntil),
        "x-opt-deadletter-source": "q",
      },
    });
  });

  it("encodes the first delivery without lock once for all subscriptions", () => {
    const first = message.encode({ deliveryCount: 0, ttlInMs: 1000 });
    expect(message.encode({ deliveryCount: 0, ttlInMs: 1000 })).toBe(first);
    expect(message.encode({ deliveryCount: 1, ttlInMs: 1000 })).not.toBe(first);
    expect(message.encode({ deliveryCount: 0, ttlInMs: 2000 })).not.toEqual(first);
  });
});

describe("readMessages", () => {
  it("unpacks a batch", () => {
    const parts = ["one", "two"].map((subject) => codec.encode({ subject, body: "x" }));
    const payload = codec.encode({ body: codec.data_sections(parts) });
    const messages = readMessages({ payload, messageFormat: batchFormat, state: null });
    expect(messages.map(({ properties }) => properties.subject)).toEqual(["one", "two"]);
  });

  it("refuses sections with names that only every object knows", () => {
    const payload = Buffer.concat([Buffer.from([0]), symbolValue("constructor"), stringValue("x")]);
    expect(() => readMessages({ payload, messageFormat: 0, state: null })).toThrow(
      expect.objectContaining({ condition: "amqp:decode-error" }),
    );
  });

  it("refuses unknown formats and transactions", () => {
    const payload = encoded();
    expect(() => readMessages({ payload, messageFormat: 1, state: null })).toThrow("format");
    expect(() => readMessages({ payload, messageFormat: 0, state: "tx" })).toThrow("Transactions");
  });
});
