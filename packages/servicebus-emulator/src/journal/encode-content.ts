import {
  booleanValue,
  describedValue,
  listValue,
  mapValue,
  nullValue,
  ubyteValue,
  uintValue,
} from "../amqp/encode-value.ts";
import type { MessageContent } from "../messages/message-content.ts";
import { sectionCode } from "../messages/message-sections.ts";
import { pairBytes } from "../messages/raw-pairs.ts";

/** What a sender sent, as the encoded message that `MessageContent.parse` reads. */
export function encodeContent(content: MessageContent): Buffer {
  const { durable, priority, ttlInMs, annotations, rest } = content;
  const header = listValue([
    booleanValue(durable),
    priority === undefined ? nullValue : ubyteValue(priority),
    ttlInMs === undefined ? nullValue : uintValue(ttlInMs),
  ]);
  return Buffer.concat([
    describedValue(sectionCode.header, header),
    describedValue(sectionCode.messageAnnotations, mapValue(pairBytes(annotations))),
    rest,
  ]);
}
