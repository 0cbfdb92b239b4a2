import { EntityError } from "../entities/entity-error.ts";
import type {
  DuplicateDetectionOptions,
  QueueOptions,
  ReceivingOptions,
  SubscriptionOptions,
  TopicOptions,
} from "../entities/entity-options.ts";
import { queueSettings, subscriptionSettings, topicSettings } from "../entities/entity-settings.ts";
import type { JsonObjectReader } from "../json/json-object-reader.ts";

/** What Microsoft's emulator takes for what its file leaves out, by its published schema. */
const defaultTtl = "PT1H";
const defaultMaxDeliveryCount = 3;
const defaultDuplicateWindow = "PT20S";

/** Reads the `Properties` of a queue. */
export function readQueueProperties(properties: JsonObjectReader): QueueOptions {
  const options = { ...readReceiving(properties), ...readDuplicateDetection(properties) };
  check(properties, () => queueSettings(options));
  properties.refuseRest();
  return options;
}

/** Reads the `Properties` of a topic. */
export function readTopicProperties(properties: JsonObjectReader): TopicOptions {
  const options = {
    defaultMessageTimeToLive: properties.text("DefaultMessageTimeToLive") ?? defaultTtl,
    ...readDuplicateDetection(properties),
  };
  check(properties, () => topicSettings(options));
  properties.refuseRest();
  return options;
}

/** Reads the `Properties` of a subscription. */
export function readSubscriptionProperties(properties: JsonObjectReader): SubscriptionOptions {
  const options = readReceiving(properties);
  check(properties, () => subscriptionSettings(options));
  properties.refuseRest();
  return options;
}

function readReceiving(properties: JsonObjectReader): ReceivingOptions {
  const forwardTo = properties.text("ForwardTo") ?? "";
  const forwardDeadLetteredMessagesTo = properties.text("ForwardDeadLetteredMessagesTo") ?? "";
  return {
    deadLetteringOnMessageExpiration: properties.flag("DeadLetteringOnMessageExpiration") ?? false,
    defaultMessageTimeToLive: properties.text("DefaultMessageTimeToLive") ?? defaultTtl,
    lockDuration: properties.text("LockDuration") ?? "PT1M",
    maxDeliveryCount:
      properties.wholeNumber("MaxDeliveryCount", { min: 1, max: 2000 }) ?? defaultMaxDeliveryCount,
    requiresSession: properties.flag("RequiresSession") ?? false,
    // The file says "" for none.
    ...(forwardTo === "" ? {} : { forwardTo }),
    ...(forwardDeadLetteredMessagesTo === "" ? {} : { forwardDeadLetteredMessagesTo }),
  };
}

function readDuplicateDetection(properties: JsonObjectReader): DuplicateDetectionOptions {
  return {
    duplicateDetectionHistoryTimeWindow:
      properties.text("DuplicateDetectionHistoryTimeWindow") ?? defaultDuplicateWindow,
    requiresDuplicateDetection: properties.flag("RequiresDuplicateDetection") ?? false,
  };
}

/** Values are checked where entities check them; their messages begin with the name of the setting. */
function check(properties: JsonObjectReader, settings: () => unknown): void {
  try {
    settings();
  } catch (error) {
    if (!(error instanceof EntityError)) {
      throw error;
    }
    const [name = "", ...rest] = error.message.split(" ");
    properties.refuse(name, rest.join(" ").replace(/\.$/u, ""));
  }
}
