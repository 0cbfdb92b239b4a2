import { invalidEntity, unsupportedEntity } from "../entities/entity-error.ts";
import type {
  DuplicateDetectionOptions,
  QueueOptions,
  ReceivingOptions,
  SubscriptionOptions,
  TopicOptions,
} from "../entities/entity-options.ts";
import { childText, type XmlElement } from "./xml-element.ts";

/** What Service Bus has and this broker has not: refused as soon as a request asks for it. */
const unsupportedFlags = ["EnablePartitioning", "EnableExpress"];

/** Reads the options in a QueueDescription. @throws EntityError 400 */
export function readQueueOptions(description: XmlElement): QueueOptions {
  return { ...readReceivingOptions(description), ...readDuplicateOptions(description) };
}

/** Reads the options in a SubscriptionDescription. @throws EntityError 400 */
export function readSubscriptionOptions(description: XmlElement): SubscriptionOptions {
  return {
    ...readReceivingOptions(description),
    ...withFlag(
      description,
      "DeadLetteringOnFilterEvaluationExceptions",
      "deadLetteringOnFilterEvaluationExceptions",
    ),
  };
}

/** Reads the options in a TopicDescription. @throws EntityError 400 */
export function readTopicOptions(description: XmlElement): TopicOptions {
  return { ...readLifetimeOptions(description), ...readDuplicateOptions(description) };
}

function readReceivingOptions(description: XmlElement): ReceivingOptions {
  const maxDeliveryCount = childText(description, "MaxDeliveryCount");
  return {
    ...readLifetimeOptions(description),
    ...withText(description, "LockDuration", "lockDuration"),
    ...withFlag(description, "RequiresSession", "requiresSession"),
    ...withFlag(
      description,
      "DeadLetteringOnMessageExpiration",
      "deadLetteringOnMessageExpiration",
    ),
    ...withText(description, "ForwardTo", "forwardTo"),
    ...withText(description, "ForwardDeadLetteredMessagesTo", "forwardDeadLetteredMessagesTo"),
    ...(maxDeliveryCount === undefined ? {} : { maxDeliveryCount: Number(maxDeliveryCount) }),
  };
}

function readDuplicateOptions(description: XmlElement): DuplicateDetectionOptions {
  return {
    ...withFlag(description, "RequiresDuplicateDetection", "requiresDuplicateDetection"),
    ...withText(
      description,
      "DuplicateDetectionHistoryTimeWindow",
      "duplicateDetectionHistoryTimeWindow",
    ),
  };
}

function readLifetimeOptions(
  description: XmlElement,
): Omit<TopicOptions, keyof DuplicateDetectionOptions> {
  refuseUnsupported(description);
  return {
    ...withText(description, "DefaultMessageTimeToLive", "defaultMessageTimeToLive"),
    ...withText(description, "AutoDeleteOnIdle", "autoDeleteOnIdle"),
    ...withText(description, "UserMetadata", "userMetadata"),
    ...withText(description, "Status", "status"),
  };
}

function refuseUnsupported(description: XmlElement): void {
  if (hasChildren(description, "AuthorizationRules")) {
    throw unsupportedEntity("AuthorizationRules");
  }
  for (const name of unsupportedFlags) {
    if (readFlag(description, name) === true) {
      throw unsupportedEntity(name);
    }
  }
}

function hasChildren(description: XmlElement, name: string): boolean {
  return description.children.some((child) => child.name === name && child.children.length > 0);
}

function withText<Key extends string>(
  description: XmlElement,
  name: string,
  key: Key,
): Partial<Record<Key, string>> {
  const text = childText(description, name);
  return text === undefined ? {} : record(key, text);
}

function withFlag<Key extends string>(
  description: XmlElement,
  name: string,
  key: Key,
): Partial<Record<Key, boolean>> {
  const flag = readFlag(description, name);
  return flag === undefined ? {} : record(key, flag);
}

function record<Key extends string, Value>(key: Key, value: Value): Partial<Record<Key, Value>> {
  const result: Partial<Record<Key, Value>> = {};
  result[key] = value;
  return result;
}

function readFlag(description: XmlElement, name: string): boolean | undefined {
  const text = childText(description, name)?.toLowerCase();
  if (text === undefined) {
    return undefined;
  }
  if (text !== "true" && text !== "false") {
    throw invalidEntity(`${name} must be true or false.`);
  }
  return text === "true";
}
