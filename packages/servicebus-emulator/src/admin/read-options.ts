import { invalidEntity, unsupportedEntity } from "../entities/entity-error.ts";
import type { ReceivingOptions, TopicOptions } from "../entities/entity-options.ts";
import { childText, type XmlElement } from "./xml-element.ts";

/** What Service Bus has and this broker has not: refused as soon as a request asks for it. */
const unsupportedText = ["ForwardTo", "ForwardDeadLetteredMessagesTo", "AuthorizationRules"];
const unsupportedFlags = ["RequiresDuplicateDetection", "EnablePartitioning", "EnableExpress"];

/** Reads the options in a QueueDescription or SubscriptionDescription. @throws EntityError 400 */
export function readReceivingOptions(description: XmlElement): ReceivingOptions {
  const maxDeliveryCount = childText(description, "MaxDeliveryCount");
  return {
    ...readTopicOptions(description),
    ...withText(description, "LockDuration", "lockDuration"),
    ...withFlag(description, "RequiresSession", "requiresSession"),
    ...withFlag(
      description,
      "DeadLetteringOnMessageExpiration",
      "deadLetteringOnMessageExpiration",
    ),
    ...(maxDeliveryCount === undefined ? {} : { maxDeliveryCount: Number(maxDeliveryCount) }),
  };
}

/** Reads the options in a TopicDescription. @throws EntityError 400 */
export function readTopicOptions(description: XmlElement): TopicOptions {
  refuseUnsupported(description);
  return {
    ...withText(description, "DefaultMessageTimeToLive", "defaultMessageTimeToLive"),
    ...withText(description, "AutoDeleteOnIdle", "autoDeleteOnIdle"),
    ...withText(description, "UserMetadata", "userMetadata"),
  };
}

function refuseUnsupported(description: XmlElement): void {
  for (const name of unsupportedText) {
    if ((childText(description, name) ?? "") !== "" || hasChildren(description, name)) {
      throw unsupportedEntity(name);
    }
  }
  for (const name of unsupportedFlags) {
    if (readFlag(description, name) === true) {
      throw unsupportedEntity(name);
    }
  }
  const status = childText(description, "Status");
  if (status !== undefined && status !== "Active") {
    throw unsupportedEntity(`Status ${status}`);
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
