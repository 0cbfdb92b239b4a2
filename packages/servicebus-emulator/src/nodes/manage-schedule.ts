import { AmqpError, decodeError } from "../amqp/amqp-error.ts";
import type { AmqpMap } from "../amqp/amqp-value.ts";
import { arrayValue, longValue, mapValue, stringValue } from "../amqp/encode-value.ts";
import { asMap } from "../amqp/fields.ts";
import { maxMessageSize, messageTooLarge } from "../amqp/incoming-link.ts";
import type { Queue } from "../entities/queue.ts";
import type { Topic } from "../entities/topic.ts";
import { MessageContent } from "../messages/message-content.ts";
import type { ManageRequest } from "./manage.ts";
import { readSequenceNumbers } from "./read-sequence-numbers.ts";
import { type NodeResponse, ok } from "./request-node.ts";

/** Takes messages for the times that they carry; answers with their numbers. */
export function scheduleMessages(body: AmqpMap, request: ManageRequest): NodeResponse {
  const entity = sendingEntity(request);
  const messages = body.get("messages");
  if (!Array.isArray(messages)) {
    throw decodeError("messages must be a list of maps.");
  }
  const encoded = messages.map((entry) => readMessage(asMap(entry)));
  if (encoded.reduce((size, message) => size + message.length, 0) > maxMessageSize) {
    throw messageTooLarge();
  }
  const contents = encoded.map((message) => MessageContent.parse(message));
  const numbers = entity.schedule(contents).map((number) => longValue(number).subarray(1));
  return ok(mapValue([stringValue("sequence-numbers"), arrayValue(0x81, numbers)]));
}

/** Takes scheduled messages back, all or none. */
export function cancelScheduledMessages(body: AmqpMap, request: ManageRequest): NodeResponse {
  sendingEntity(request).intake.cancel(readSequenceNumbers(body));
  return ok();
}

function readMessage(entry: AmqpMap): Buffer {
  const message = entry.get("message");
  if (!Buffer.isBuffer(message)) {
    throw decodeError("A message to schedule must be binary.");
  }
  return message;
}

function sendingEntity({ entity, subQueue }: ManageRequest): Queue | Topic {
  if (entity.kind === "subscription" || subQueue !== "none") {
    throw new AmqpError("amqp:not-allowed", "Messages are scheduled on queues and topics.");
  }
  return entity;
}
