import { isUnlimited, parseDuration } from "./duration.ts";
import { invalidEntity } from "./entity-error.ts";
import type {
  DuplicateDetectionOptions,
  QueueOptions,
  ReceivingOptions,
  SubscriptionOptions,
  TopicOptions,
} from "./entity-options.ts";
import { type EntityStatus, isEntityStatus } from "./entity-status.ts";
import { forwardingTarget } from "./forwarding.ts";

/** The settings that all kinds of entities have, checked and in numbers. */
interface LifetimeSettings {
  /** Undefined without limit. */
  readonly ttlInMs: number | undefined;
  /** Undefined when it is never deleted for being idle. */
  readonly autoDeleteOnIdleInMs: number | undefined;
  readonly status: EntityStatus;
}

/** The settings of a queue or subscription, checked and in numbers. */
export interface ReceivingSettings extends LifetimeSettings {
  readonly lockDurationInMs: number;
  readonly maxDeliveryCount: number;
  readonly requiresSession: boolean;
  readonly deadLettersExpired: boolean;
  /** The path of the entity to which every message is passed on. */
  readonly forwardTo: string | undefined;
  /** The path of the entity to which dead letters are passed on. */
  readonly forwardDeadLettersTo: string | undefined;
}

/** The settings of a queue. */
export interface QueueSettings extends ReceivingSettings {
  /** The window of its duplicate detection; undefined when it has none. */
  readonly duplicateWindowInMs: number | undefined;
}

/** The settings of a subscription. */
export interface SubscriptionSettings extends ReceivingSettings {
  readonly deadLettersFilterFailures: boolean;
}

/** The settings of a topic, checked and in numbers. */
export interface TopicSettings extends LifetimeSettings {
  readonly duplicateWindowInMs: number | undefined;
}

/** That of Microsoft's emulator, whose configurations must work here; over REST Azure's 20 s hold. */
const shortestWindowInMs = 5000;
const longestWindowInMs = 7 * 24 * 3_600_000;
const longestLockInMs = 300_000;
const shortestIdleInMs = 300_000;
const maxMetadataLength = 1024;

/** Checks the options of a queue and fills in Service Bus's defaults. @throws EntityError */
export function queueSettings(options: QueueOptions): QueueSettings {
  return { ...receivingSettings(options), duplicateWindowInMs: duplicateWindow(options) };
}

/** Checks the options of a subscription and fills in Service Bus's defaults. @throws EntityError */
export function subscriptionSettings(options: SubscriptionOptions): SubscriptionSettings {
  return {
    ...receivingSettings(options),
    deadLettersFilterFailures: options.deadLetteringOnFilterEvaluationExceptions ?? true,
  };
}

/** Checks the options of a topic and fills in Service Bus's defaults. @throws EntityError */
export function topicSettings(options: TopicOptions): TopicSettings {
  const settings = lifetimeSettings(options);
  if (settings.status === "ReceiveDisabled") {
    throw invalidEntity("Status of a topic must be Active, Disabled or SendDisabled.");
  }
  return { ...settings, duplicateWindowInMs: duplicateWindow(options) };
}

/**
 * The options after an update: what can only be chosen at creation stays.
 *
 * @throws EntityError when the update wants to change such a choice.
 */
export function keptOptions<Options extends QueueOptions & SubscriptionOptions>(
  current: Options,
  wanted: Options,
): Options {
  for (const name of ["requiresSession", "requiresDuplicateDetection"] as const) {
    if (wanted[name] !== undefined && wanted[name] !== (current[name] ?? false)) {
      throw invalidEntity(`The value of ${name} cannot be changed after creation.`);
    }
  }
  const { requiresSession, requiresDuplicateDetection } = current;
  return {
    ...wanted,
    ...(requiresSession === undefined ? {} : { requiresSession }),
    ...(requiresDuplicateDetection === undefined ? {} : { requiresDuplicateDetection }),
  };
}

function receivingSettings(options: ReceivingOptions): ReceivingSettings {
  const maxDeliveryCount = options.maxDeliveryCount ?? 10;
  if (!Number.isInteger(maxDeliveryCount) || maxDeliveryCount < 1 || maxDeliveryCount > 2000) {
    throw invalidEntity("MaxDeliveryCount must be an integer from 1 to 2000.");
  }
  const lockDurationInMs = durationInMs("LockDuration", options.lockDuration) ?? 60_000;
  if (lockDurationInMs <= 0 || lockDurationInMs > longestLockInMs) {
    throw invalidEntity("LockDuration must be above zero and at most PT5M.");
  }
  const requiresSession = options.requiresSession ?? false;
  const forwardTo = forwardingTarget(options.forwardTo);
  if (requiresSession && forwardTo !== undefined) {
    throw invalidEntity("ForwardTo cannot be used on an entity with RequiresSession.");
  }
  return {
    lockDurationInMs,
    maxDeliveryCount,
    requiresSession,
    deadLettersExpired: options.deadLetteringOnMessageExpiration ?? false,
    forwardTo,
    forwardDeadLettersTo: forwardingTarget(options.forwardDeadLetteredMessagesTo),
    ...lifetimeSettings(options),
  };
}

function lifetimeSettings(options: ReceivingOptions): LifetimeSettings {
  if ((options.userMetadata?.length ?? 0) > maxMetadataLength) {
    throw invalidEntity(`UserMetadata must not be longer than ${maxMetadataLength} characters.`);
  }
  const ttlInMs = durationInMs("DefaultMessageTimeToLive", options.defaultMessageTimeToLive);
  if (ttlInMs !== undefined && ttlInMs < 1000) {
    throw invalidEntity("DefaultMessageTimeToLive must be at least PT1S.");
  }
  const idleInMs = durationInMs("AutoDeleteOnIdle", options.autoDeleteOnIdle);
  if (idleInMs !== undefined && idleInMs < shortestIdleInMs) {
    throw invalidEntity("AutoDeleteOnIdle must be at least PT5M.");
  }
  const status = options.status ?? "Active";
  if (!isEntityStatus(status)) {
    throw invalidEntity(`Status must be Active, Disabled, SendDisabled or ReceiveDisabled.`);
  }
  return { ttlInMs, autoDeleteOnIdleInMs: idleInMs, status };
}

function duplicateWindow(options: DuplicateDetectionOptions): number | undefined {
  const text = options.duplicateDetectionHistoryTimeWindow ?? "PT10M";
  const windowInMs = durationInMs("DuplicateDetectionHistoryTimeWindow", text) ?? Infinity;
  if (windowInMs < shortestWindowInMs || windowInMs > longestWindowInMs) {
    throw invalidEntity("DuplicateDetectionHistoryTimeWindow must be from PT5S to P7D.");
  }
  return options.requiresDuplicateDetection === true ? windowInMs : undefined;
}

function durationInMs(name: string, text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const value = parseDuration(text);
  if (value === undefined) {
    throw invalidEntity(`${name} must be an ISO 8601 duration such as PT1M, not '${text}'.`);
  }
  return isUnlimited(value) ? undefined : value;
}
