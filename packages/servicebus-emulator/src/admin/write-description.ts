import { unlimitedDuration } from "../entities/duration.ts";
import type { DuplicateDetectionOptions } from "../entities/entity-options.ts";
import type { Mailbox } from "../entities/mailbox.ts";
import type { MessageCounts } from "../entities/message-store.ts";
import type { Queue } from "../entities/queue.ts";
import type { ScheduledMessages } from "../entities/scheduled-messages.ts";
import type { Subscription } from "../entities/subscription.ts";
import type { Topic } from "../entities/topic.ts";
import { descriptionAttributes } from "./description-attributes.ts";
import { xmlElement, type XmlMarkup } from "./write-xml.ts";

/** What every queue, topic and subscription is, here: the SDK insists on being told. */
const availability = xmlElement("EntityAvailabilityStatus", "Available");

/** How many messages an entity has in each state. */
interface Counts {
  readonly active: number;
  readonly dead: number;
  readonly scheduled: number;
  readonly transferDead: number;
}

/** A QueueDescription. */
export function writeQueue(queue: Queue): XmlMarkup {
  return xmlElement(
    "QueueDescription",
    [
      ...receivingElements(queue, queue.intake.scheduled),
      xmlElement("MaxSizeInMegabytes", 1024),
      ...duplicateElements(queue.options),
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
      ...receivingElements(subscription, undefined),
      xmlElement(
        "DeadLetteringOnFilterEvaluationExceptions",
        subscription.settings.deadLettersFilterFailures,
      ),
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
      ...duplicateElements(options),
      xmlElement("EnableBatchedOperations", true),
      xmlElement("SizeInBytes", topicSize(topic)),
      xmlElement("SupportOrdering", true),
      xmlElement("SubscriptionCount", topic.subscriptions.size),
      xmlElement("EnablePartitioning", false),
      xmlElement("EnableExpress", false),
      countElements({
        active: 0,
        dead: 0,
        scheduled: topic.intake.scheduled.size,
        transferDead: 0,
      }),
      xmlElement("Status", topic.settings.status),
      availability,
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

function receivingElements(
  entity: Queue | Subscription,
  scheduled: ScheduledMessages | undefined,
): readonly XmlMarkup[] {
  const { options, settings, mailbox } = entity;
  const counts = countsOf(mailbox, scheduled?.size ?? 0);
  const total = counts.active + counts.dead + counts.scheduled + counts.transferDead;
  return [
    xmlElement("LockDuration", options.lockDuration ?? "PT1M"),
    xmlElement("RequiresSession", settings.requiresSession),
    xmlElement("DeadLetteringOnMessageExpiration", settings.deadLettersExpired),
    xmlElement("MaxDeliveryCount", settings.maxDeliveryCount),
    xmlElement("EnableBatchedOperations", true),
    xmlElement("SizeInBytes", mailbox.sizeInBytes + (scheduled?.sizeInBytes ?? 0)),
    xmlElement("MessageCount", total),
    ...lifetimeElements(options),
    ...optionalElement("ForwardTo", options.forwardTo),
    ...optionalElement("ForwardDeadLetteredMessagesTo", options.forwardDeadLetteredMessagesTo),
    ...timeElements(entity),
    countElements(counts),
    xmlElement("Status", settings.status),
    availability,
  ];
}

function optionalElement(name: string, value: string | undefined): readonly XmlMarkup[] {
  return value === undefined || value === "" ? [] : [xmlElement(name, value)];
}

function duplicateElements(options: DuplicateDetectionOptions): readonly XmlMarkup[] {
  const window = options.duplicateDetectionHistoryTimeWindow ?? "PT10M";
  return [
    xmlElement("RequiresDuplicateDetection", options.requiresDuplicateDetection ?? false),
    xmlElement("DuplicateDetectionHistoryTimeWindow", window),
  ];
}

function topicSize(topic: Topic): number {
  return [...topic.subscriptions.values()].reduce(
    (sum, subscription) => sum + subscription.mailbox.sizeInBytes,
    topic.intake.scheduled.sizeInBytes,
  );
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
    xmlElement("UpdatedAt", new Date(entity.updatedAt).toISOString()),
    xmlElement("AccessedAt", new Date(entity.use.lastUsedAt).toISOString()),
  ];
}

/** Service Bus counts what is locked or deferred as active, too. */
function countsOf(mailbox: Mailbox, scheduled: number): Counts {
  return {
    active: sumOf(mailbox.messages.counts),
    dead: sumOf(mailbox.deadLetters.counts),
    scheduled,
    transferDead: sumOf(mailbox.transferDeadLetters.counts),
  };
}

function sumOf({ available, locked, deferred }: MessageCounts): number {
  return available + locked + deferred;
}

function countElements(counts: Counts): XmlMarkup {
  return xmlElement(
    "CountDetails",
    [
      xmlElement("d2p1:ActiveMessageCount", counts.active),
      xmlElement("d2p1:DeadLetterMessageCount", counts.dead),
      xmlElement("d2p1:ScheduledMessageCount", counts.scheduled),
      xmlElement("d2p1:TransferMessageCount", 0),
      xmlElement("d2p1:TransferDeadLetterMessageCount", counts.transferDead),
    ],
    { "xmlns:d2p1": "http://schemas.microsoft.com/netservices/2011/06/servicebus" },
  );
}
