import { AmqpError } from "../amqp/amqp-error.ts";
import type { IncomingDelivery } from "../amqp/incoming-link.ts";
import { ValueReader } from "../amqp/value-reader.ts";
import { MessageContent } from "./message-content.ts";
import { readSections, sectionCode } from "./message-sections.ts";

/** The message format in which the SDK packs many messages into the data sections of one. */
export const batchFormat = 0x8001_3700;

/** Reads what a sender has sent: one message, or a batch of them. @throws AmqpError */
export function readMessages(delivery: IncomingDelivery): readonly MessageContent[] {
  if (delivery.state !== null) {
    throw new AmqpError("amqp:not-implemented", "Transactions are not supported.");
  }
  switch (delivery.messageFormat) {
    case 0:
      return [MessageContent.parse(delivery.payload)];
    case batchFormat:
      return readBatch(delivery.payload);
    default:
      throw new AmqpError(
        "amqp:not-implemented",
        `Message format ${delivery.messageFormat} is not supported.`,
      );
  }
}

function readBatch(payload: Buffer): readonly MessageContent[] {
  const messages: MessageContent[] = [];
  for (const section of readSections(payload)) {
    if (section.code === sectionCode.data) {
      const encoded = new ValueReader(section.value).read();
      if (!Buffer.isBuffer(encoded)) {
        throw new AmqpError("amqp:decode-error", "A batch must consist of data sections.");
      }
      messages.push(MessageContent.parse(encoded));
    }
  }
  return messages;
}
