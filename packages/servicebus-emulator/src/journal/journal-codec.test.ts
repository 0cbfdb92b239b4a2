import rhea from "rhea";
import { expect, it } from "vitest";

import { firstArrival } from "../entities/arrival.ts";
import type { Change } from "../entities/change.ts";
import type { QueuedMessage } from "../entities/queued-message.ts";
import { sqlAction, sqlFilter } from "../entities/sql-filter.ts";
import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import { MessageContent } from "../messages/message-content.ts";
import { BrokerImage } from "./broker-image.ts";
import { ChangeDecoder } from "./change-decoder.ts";
import { ChangeEncoder } from "./change-encoder.ts";
import { imageChanges } from "./image-changes.ts";

const now = 1_700_000_000_123;

function contentOf(body: unknown): MessageContent {
  return MessageContent.parse(
    rhea.message.encode({
      durable: true,
      priority: 7,
      ttl: 90_000,
      message_id: "m-1",
      subject: "news",
      message_annotations: {
        "x-opt-partition-key": "p",
        "x-opt-scheduled-enqueue-time": new Date(now),
      },
      application_properties: { red: true, wrapped: rhea.types.wrap_ushort(3) },
      body,
    }),
  );
}

function queuedOf(content: MessageContent, changes: Partial<QueuedMessage> = {}): QueuedMessage {
  const message = new EnqueuedMessage(content, {
    sequenceNumber: 2 ** 40 + 1,
    enqueuedAt: now,
    hops: 2,
    enqueuedSequenceNumber: 9,
  });
  return {
    message,
    ttlInMs: 90_000,
    expiresAt: now + 90_000,
    deadLetterSource: "orders",
    deliveryCount: 3,
    state: "deferred",
    ...changes,
  };
}

const origin = { createdAt: now, updatedAt: now + 1 };
const content = contentOf("hello");
const later = {
  sequenceNumber: 4,
  dueAt: now + 5,
  enqueuedAt: now,
  arrival: firstArrival(content),
};

const changes: readonly Change[] = [
  {
    kind: "entity-set",
    entity: {
      ...origin,
      id: 1,
      type: "queue",
      name: "orders",
      options: { requiresSession: true, lockDuration: "PT30S" },
    },
  },
  {
    kind: "entity-set",
    entity: {
      ...origin,
      id: 300,
      type: "topic",
      name: "News",
      options: { status: "SendDisabled" },
    },
  },
  {
    kind: "entity-set",
    entity: { ...origin, id: 301, type: "subscription", topic: "News", name: "all", options: {} },
  },
  {
    kind: "rule-set",
    entity: 301,
    rule: { name: "t", createdAt: now, filter: { kind: "true" }, action: undefined },
  },
  {
    kind: "rule-set",
    entity: 301,
    rule: {
      name: "sql",
      createdAt: now,
      filter: sqlFilter(
        "colour = @c AND size > @s",
        new Map<string, string | number>([
          ["@c", "red"],
          ["@s", 1.5],
        ]),
      ),
      action: sqlAction("SET seen = @when", new Map([["@when", new Date(now)]])),
    },
  },
  {
    kind: "rule-set",
    entity: 301,
    rule: {
      name: "correlated",
      createdAt: now,
      filter: {
        kind: "correlation",
        properties: { subject: "news" },
        applicationProperties: new Map<string, string | number | boolean | Date>([
          ["n", 1e300],
          ["b", false],
          ["d", new Date(now)],
        ]),
      },
      action: undefined,
    },
  },
  { kind: "rule-removed", entity: 301, name: "t" },
  { kind: "message-put", entity: 1, box: "none", queued: queuedOf(content) },
  {
    kind: "message-put",
    entity: 1,
    box: "deadLetter",
    queued: queuedOf(contentOf({ a: [1, 2] }), {
      ttlInMs: undefined,
      expiresAt: undefined,
      deadLetterSource: undefined,
      state: "active",
    }),
  },
  { kind: "message-put", entity: 301, box: "transferDeadLetter", queued: queuedOf(content) },
  { kind: "message-locked", entity: 1, box: "none", sequenceNumber: 2 ** 40 + 1 },
  { kind: "scheduled", entity: 300, scheduled: later },
  { kind: "scheduled", entity: 300, scheduled: { ...later, sequenceNumber: 5 } },
  { kind: "unscheduled", entity: 300, sequenceNumber: 5 },
  { kind: "session-state-set", entity: 1, sessionId: "s", state: Buffer.from([0, 255]) },
  { kind: "session-state-set", entity: 1, sessionId: "t", state: undefined },
  { kind: "id-used", entity: 300, messageId: "früh", at: now - 5 },
  { kind: "id-used", entity: 300, messageId: "spät", at: now },
  { kind: "ids-forgotten", entity: 300, until: now - 5 },
  { kind: "number-used", entity: 300, sequenceNumber: 77 },
  { kind: "message-removed", entity: 1, box: "deadLetter", sequenceNumber: 2 ** 40 + 1 },
  { kind: "entity-removed", entity: 301 },
];

function encodeAll(written: Iterable<Change>): Buffer {
  const encoder = new ChangeEncoder();
  return Buffer.concat(Array.from(written, (change) => encoder.encode(change)));
}

function imageOf(read: Iterable<Change>): BrokerImage {
  const image = new BrokerImage();
  for (const change of read) {
    image.apply(change);
  }
  return image;
}

it.each(changes.map((change) => [change.kind, change] as const))(
  "reads a change of the kind %s as it was written",
  (_kind, change) => {
    expect([...new ChangeDecoder().decodeAll(encodeAll([change]))]).toEqual([change]);
  },
);

it("knows a change of every kind", () => {
  const kinds = new Set(changes.map(({ kind }) => kind));
  expect(kinds.size).toBe(13);
});

it("passes a message on in the very bytes of its sender, after any number of restarts", () => {
  const once = [...new ChangeDecoder().decodeAll(encodeAll(changes))];
  const twice = [...new ChangeDecoder().decodeAll(encodeAll(once))];
  const read = twice.find(({ kind }) => kind === "message-put");
  expect(
    read?.kind === "message-put" && read.queued.message.content.rest.equals(content.rest),
  ).toBe(true);
});

it("writes a content that many subscriptions hold once", () => {
  const large = contentOf("x".repeat(10_000));
  const puts = Array.from(
    { length: 50 },
    (_unused, index): Change => ({
      kind: "message-put",
      entity: index,
      box: "none",
      queued: queuedOf(large),
    }),
  );
  const bytes = encodeAll(puts);
  expect(bytes.length).toBeLessThan(20_000);
  const contents = Array.from(new ChangeDecoder().decodeAll(bytes), (change) =>
    change.kind === "message-put" ? change.queued.message.content : undefined,
  );
  expect(new Set(contents).size).toBe(1);
});

it("makes the same image of all changes and of the short list that is written in their place", () => {
  const image = imageOf(changes);
  const short = [...imageChanges(image)];
  expect(short.length).toBeLessThan(changes.length);
  const again = imageOf(new ChangeDecoder().decodeAll(encodeAll(short)));
  expect(again.entities).toEqual(image.entities);
  expect(image.entities.map(({ entity, numbers }) => [entity.name, numbers.last])).toEqual([
    ["orders", 2 ** 40 + 1],
    // The number of a subscription that is gone counts for its topic.
    ["News", 2 ** 40 + 1],
  ]);
  expect([...(image.entities[1]?.usedIds ?? [])]).toEqual([["spät", now]]);
});

it("forgets what happens to an entity that is gone, and gives its number to no other", () => {
  const image = imageOf(changes);
  image.apply({ kind: "message-put", entity: 301, box: "none", queued: queuedOf(content) });
  expect(image.entities.map(({ entity }) => entity.name)).toEqual(["orders", "News"]);
  expect(image.nextEntityId()).toBe(302);
});

it("refuses codes that stand for nothing", () => {
  const bytes = encodeAll([{ kind: "entity-removed", entity: 1 }]);
  const at = bytes.indexOf(Buffer.from([0x50, 2]));
  bytes.writeUInt8(99, at + 1);
  expect(() => [...new ChangeDecoder().decodeAll(bytes)]).toThrow(
    "the number 99, which stands for nothing",
  );
});
