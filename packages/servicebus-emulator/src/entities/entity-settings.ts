import { isUnlimited, parseDuration } from "./duration.ts";
import { invalidEntity } from "./entity-error.ts";
import type { ReceivingOptions, TopicOptions } from "./entity-options.ts";

/** The settings of a queue or subscription, checked and in numbers. */
export interface ReceivingSettings {
  readonly lockDurationInMs: number;
  readonly maxDeliveryCount: number;
  readonly requiresSession: boolean;
  /** Undefined without limit. */
  readonly ttlInMs: number | undefined;
  readonly deadLettersExpired: boolean;
  /** Undefined when it is never deleted for being idle. */
  readonly autoDeleteOnIdleInMs: number | undefined;
}

/** The settings of a topic, checked and in numbers. */
export interface TopicSettings {
  readonly ttlInMs: number | undefined;
  readonly autoDeleteOnIdleInMs: number | undefined;
}

const longestLockInMs = 300_000;
const shortestIdleInMs = 300_000;
const maxMetadataLength = 1024;

/** Checks the options of a queue or subscription and fills in Service Bus's defaults. @throws EntityError */
export function receivingSettings(options: ReceivingOptions): ReceivingSettings {
  const maxDeliveryCount = options.maxDeliveryCount ?? 10;
  if (!Number.isInteger(maxDeliveryCount) || maxDeliveryCount < 1 || maxDeliveryCount > 2000) {
    throw invalidEntity("MaxDeliveryCount must be an integer from 1 to 2000.");
  }
  const lockDurationInMs = durationInMs("LockDuration", options.lockDuration) ?? 60_000;
  if (lockDurationInMs <= 0 || lockDurationInMs > longestLockInMs) {
    throw invalidEntity("LockDuration must be above zero and at most PT5M.");
  }
  return {
    lockDurationInMs,
    maxDeliveryCount,
    requiresSession: options.requiresSession ?? false,
    deadLettersExpired: options.deadLetteringOnMessageExpiration ?? false,
    ...topicSettings(options),
  };
}

/** Checks the options that topics have, too. @throws EntityError */
export function topicSettings(options: TopicOptions): TopicSettings {
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
  return { ttlInMs, autoDeleteOnIdleInMs: idleInMs };
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
