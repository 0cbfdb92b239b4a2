import { unlimitedDuration } from "../entities/duration.ts";
import type { Mailbox } from "../entities/mailbox.ts";
import type { Queue } from "../entities/queue.ts";
import { type FilterValue, type Rule, type RuleFilter } from "../entities/rule.ts";
import type { Subscription } from "../entities/subscription.ts";
import type { Topic } from "../entities/topic.ts";
import { xmlElement, type XmlMarkup } from "./write-xml.ts";

const serviceBusNamespace = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect";
const schemaNamespace = "http://www.w3.org/2001/XMLSchema";
const descriptionAttributes = {
  xmlns: serviceBusNamespace,
  "xmlns:i": "http://www.w3.org/2001/XMLSchema-instance",
};

/** What every queue, topic and subscription is, here: the SDK insists on being told. */
const availability = xmlElement("EntityAvailabilityStatus", "Available");
const active = xmlElement("Status", "Active");

/** A QueueDescription. */
export function writeQueue(queue: Queue): XmlMarkup {
  return xmlElement(
    "QueueDescription",
    [
      ...receivingElements(queue),
      xmlElement("MaxSizeInMegabytes", 1024),
      xmlElement("RequiresDuplicateDetection", false),
      xmlElement("DuplicateDetectionHistoryTimeWindow", "PT10M"),
      xmlElement("EnablePartitioning", false),
      xmlElement("EnableExpress", false),
    ],
    descriptionAttributes,
  );
}

/** A SubscriptionDescription. */
export function writeSubscription(subscription: Subscription): XmlMarkup {
  return xmlElement(
    "SubscriptionDescription",
    [
      ...receivingElements(subscription),
      xmlElement("DeadLetteringOnFilterEvaluationExceptions", true),
    ],
    descriptionAttributes,
  );
}

/** A TopicDescription. */
export function writeTopic(topic: Topic): XmlMarkup {
  const { options } = topic;
  return xmlElement(
    "TopicDescription",
    [
      ...lifetimeElements(options),
      ...timeElements(topic),
      xmlElement("MaxSizeInMegabytes", 1024),
      xmlElement("RequiresDuplicateDetection", false),
      xmlElement("DuplicateDetectionHistoryTimeWindow", "PT10M"),
      xmlElement("EnableBatchedOperations", true),
      xmlElement("SizeInBytes", 0),
      xmlElement("SupportOrdering", true),
      xmlElement("SubscriptionCount", topic.subscriptions.size),
      xmlElement("EnablePartitioning", false),
      xmlElement("EnableExpress", false),
      countElements(undefined),
      active,
      availability,
    ],
    descriptionAttributes,
  );
}

/** A RuleDescription. */
export function writeRule(rule: Rule): XmlMarkup {
  return xmlElement(
    "RuleDescription",
    [
      writeFilter(rule.filter),
      xmlElement("Action", "", { "i:type": "EmptyRuleAction" }),
      xmlElement("CreatedAt", new Date(rule.createdAt).toISOString()),
      xmlElement("Name", rule.name),
    ],
    descriptionAttributes,
  );
}

/** A NamespaceInfo. */
export function writeNamespace(name: string, createdAt: number): XmlMarkup {
  const created = new Date(createdAt).toISOString();
  return xmlElement(
    "NamespaceInfo",
    [
      xmlElement("CreatedTime", created),
      xmlElement("MessagingSKU", "Standard"),
      xmlElement("ModifiedTime", created),
      xmlElement("Name", name),
      xmlElement("NamespaceType", "Messaging"),
    ],
    descriptionAttributes,
  );
}

function receivingElements(entity: Queue | Subscription): readonly XmlMarkup[] {
  const { options, settings, mailbox } = entity;
  const { available, locked } = mailbox.messages.counts;
  return [
    xmlElement("LockDuration", options.lockDuration ?? "PT1M"),
    xmlElement("RequiresSession", settings.requiresSession),
    xmlElement("DeadLetteringOnMessageExpiration", settings.deadLettersExpired),
    xmlElement("MaxDeliveryCount", settings.maxDeliveryCount),
    xmlElement("EnableBatchedOperations", true),
    xmlElement("SizeInBytes", 0),
    xmlElement("MessageCount", available + locked + mailbox.deadLetters.counts.available),
    ...lifetimeElements(options),
    ...timeElements(entity),
    countElements(mailbox),
    active,
    availability,
  ];
}

function lifetimeElements(options: Topic["options"]): readonly XmlMarkup[] {
  const elements = [
    xmlElement("DefaultMessageTimeToLive", options.defaultMessageTimeToLive ?? unlimitedDuration),
    xmlElement("AutoDeleteOnIdle", options.autoDeleteOnIdle ?? unlimitedDuration),
  ];
  if (options.userMetadata !== undefined) {
    elements.push(xmlElement("UserMetadata", options.userMetadata));
  }
  return elements;
}

function timeElements(entity: Queue | Subscription | Topic): readonly XmlMarkup[] {
  const created = new Date(entity.createdAt).toISOString();
  return [
    xmlElement("CreatedAt", created),
    xmlElement("UpdatedAt", created),
    xmlElement("AccessedAt", new Date(entity.use.lastUsedAt).toISOString()),
  ];
}

function countElements(mailbox: Mailbox | undefined): XmlMarkup {
  const counts = mailbox?.messages.counts;
  const dead = mailbox?.deadLetters.counts;
  return xmlElement(
    "CountDetails",
    [
      xmlElement("d2p1:ActiveMessageCount", (counts?.available ?? 0) + (counts?.locked ?? 0)),
      xmlElement("d2p1:DeadLetterMessageCount", (dead?.available ?? 0) + (dead?.locked ?? 0)),
      xmlElement("d2p1:ScheduledMessageCount", 0),
      xmlElement("d2p1:TransferMessageCount", 0),
      xmlElement("d2p1:TransferDeadLetterMessageCount", 0),
    ],
    { "xmlns:d2p1": "http://schemas.microsoft.com/netservices/2011/06/servicebus" },
  );
}

function writeFilter(filter: RuleFilter): XmlMarkup {
  if (filter.kind !== "correlation") {
    const [type, expression] =
      filter.kind === "true" ? ["TrueFilter", "1=1"] : ["FalseFilter", "1=0"];
    return xmlElement("Filter", [xmlElement("SqlExpression", expression)], { "i:type": type });
  }
  const names = {
    correlationId: "CorrelationId",
    messageId: "MessageId",
    to: "To",
    replyTo: "ReplyTo",
    subject: "Label",
    sessionId: "SessionId",
    replyToSessionId: "ReplyToSessionId",
    contentType: "ContentType",
  } as const;
  const system = Object.entries(names).flatMap(([key, name]) => {
    const value = Object.entries(filter.properties).find(([property]) => property === key)?.[1];
    return value === undefined ? [] : [xmlElement(name, value)];
  });
  const application = [...filter.applicationProperties].map(([key, value]) =>
    xmlElement("KeyValueOfstringanyType", [xmlElement("Key", key), writeValue(value)]),
  );
  const properties = application.length === 0 ? [] : [xmlElement("Properties", application)];
  return xmlElement("Filter", [...system, ...properties], { "i:type": "CorrelationFilter" });
}

function writeValue(value: FilterValue): XmlMarkup {
  const type =
    value instanceof Date ? "dateTime" : typeof value === "number" ? "double" : typeof value;
  const text = value instanceof Date ? value.toISOString() : String(value);
  return xmlElement("Value", text, { "i:type": `d6p1:${type}`, "xmlns:d6p1": schemaNamespace });
}
