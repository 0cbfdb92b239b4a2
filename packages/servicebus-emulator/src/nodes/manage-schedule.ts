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
  const contents = messages.map((entry) => readContent(asMap(entry)));
  const numbers = entity.schedule(contents).map((number) => longValue(number).subarray(1));
  return ok(mapValue([stringValue("sequence-numbers"), arrayValue(0x81, numbers)]));
}

/** Takes scheduled messages back, all or none. */
export function cancelScheduledMessages(body: AmqpMap, request: ManageRequest): NodeResponse {
  sendingEntity(request).intake.cancel(readSequenceNumbers(body));
  return ok();
}

function readContent(entry: AmqpMap): MessageContent {
  const message = entry.get("message");
  if (!Buffer.isBuffer(message)) {
    throw decodeError("A message to schedule must be binary.");
  }
  if (message.length > maxMessageSize) {
    throw messageTooLarge();
  }
  return MessageContent.parse(message);
}

function sendingEntity({ entity, subQueue }: ManageRequest): Queue | Topic {
  if (entity.kind === "subscription" || subQueue !== "none") {
    throw new AmqpError("amqp:not-allowed", "Messages are scheduled on queues and topics.");
  }
  return entity;
}
