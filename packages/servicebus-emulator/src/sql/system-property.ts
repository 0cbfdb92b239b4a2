import { ValueReader } from "../amqp/value-reader.ts";
import type { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { MessageProperties } from "../messages/message-content.ts";
import type { SqlValue } from "./sql-value.ts";

/** A system property that a filter may look at. */
export type SystemProperty =
  | keyof MessageProperties
  | "deliveryCount"
  | "enqueuedTimeUtc"
  | "partitionKey"
  | "scheduledEnqueueTimeUtc"
  | "sequenceNumber"
  | "size";

/** The names after `sys.`, without regard to case. */
const propertiesByName: ReadonlyMap<string, SystemProperty> = new Map<string, SystemProperty>([
  ["messageid", "messageId"],
  ["correlationid", "correlationId"],
  ["to", "to"],
  ["replyto", "replyTo"],
  ["label", "subject"],
  ["subject", "subject"],
  ["sessionid", "sessionId"],
  ["replytosessionid", "replyToSessionId"],
  ["contenttype", "contentType"],
  ["deliverycount", "deliveryCount"],
  ["enqueuedtimeutc", "enqueuedTimeUtc"],
  ["partitionkey", "partitionKey"],
  ["scheduledenqueuetimeutc", "scheduledEnqueueTimeUtc"],
  ["sequencenumber", "sequenceNumber"],
  ["size", "size"],
]);

/** The names that can be written after `sys.`, for the text of a refusal. */
export const systemPropertyNames = [
  "MessageId, CorrelationId, To, ReplyTo, Label, SessionId, ReplyToSessionId, ContentType",
  "DeliveryCount, EnqueuedTimeUtc, PartitionKey, ScheduledEnqueueTimeUtc, SequenceNumber, Size",
].join(", ");

/** The property of this name; undefined when there is none. */
export function systemProperty(name: string): SystemProperty | undefined {
  return propertiesByName.get(name.toLowerCase());
}

/** True for the properties that an action may change. */
export function isSettable(property: SystemProperty): property is keyof MessageProperties {
  return !(
    property === "deliveryCount" ||
    property === "enqueuedTimeUtc" ||
    property === "partitionKey" ||
    property === "scheduledEnqueueTimeUtc" ||
    property === "sequenceNumber" ||
    property === "size"
  );
}

/** The value of a system property; unknown when the message has none. */
export function readSystemProperty(message: EnqueuedMessage, property: SystemProperty): SqlValue {
  const { content } = message;
  if (isSettable(property)) {
    return content.properties[property];
  }
  switch (property) {
    case "deliveryCount":
      return 0n;
    case "enqueuedTimeUtc":
      return new Date(message.enqueuedAt);
    case "partitionKey":
      return partitionKey(message);
    case "scheduledEnqueueTimeUtc":
      return content.scheduledAt === undefined ? undefined : new Date(content.scheduledAt);
    case "sequenceNumber":
      return BigInt(message.sequenceNumber);
    case "size":
      return BigInt(content.size);
  }
}

function partitionKey({ content }: EnqueuedMessage): string | undefined {
  const pair = content.annotations.find(({ key }) => key === "x-opt-partition-key");
  const value = pair === undefined ? null : new ValueReader(pair.valueBytes).read();
  return typeof value === "string" ? value : undefined;
}
