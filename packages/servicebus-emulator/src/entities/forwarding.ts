import { statusAllows } from "./entity-status.ts";
import type { Arrival } from "./arrival.ts";
import { invalidEntity } from "./entity-error.ts";
import { type EntityPath, nameKey } from "./entity-name.ts";
import type { ReceivingOptions } from "./entity-options.ts";
import type { Queue } from "./queue.ts";
import type { DeadLetterReason } from "./queued-message.ts";
import type { Subscription } from "./subscription.ts";
import type { Topic } from "./topic.ts";

/** How often a message may be forwarded before it is dead-lettered (Service Bus quotas). */
const maxHops = 4;

/**
 * The path in a forwarding option: the SDK turns the name of the target into an absolute URL.
 * Undefined when nothing is to be forwarded.
 */
export function forwardingTarget(option: string | undefined): string | undefined {
  const path = option?.trim().replace(/^[a-z]+:\/\/[^/]*\//iu, "") ?? "";
  return path === "" ? undefined : path;
}

/** Hands a message to the entity it is forwarded to; returns why that cannot be. */
export function forwardTo(
  target: string,
  arrival: Arrival,
  find: (path: EntityPath) => Queue | Topic | Subscription | undefined,
): DeadLetterReason | undefined {
  if (arrival.hops > maxHops) {
    return {
      reason: "MaxTransferHopCountExceeded",
      description: `The message was forwarded ${maxHops} times, which is the most, and not to '${target}'.`,
    };
  }
  const entity = find({ kind: "entity", name: target });
  if (entity === undefined || entity.kind === "subscription") {
    return {
      reason: "MessagingEntityNotFound",
      description: `The messaging entity '${target}' could not be found.`,
    };
  }
  if (!statusAllows(entity.settings.status, "Send")) {
    return {
      reason: "MessagingEntityDisabled",
      description: `Messaging entity '${target}' is currently disabled.`,
    };
  }
  entity.take(arrival);
  return undefined;
}

/**
 * Checks where an entity is to forward to: a queue or topic that is there, and not itself.
 *
 * @throws EntityError 400
 */
export function checkForwarding(
  path: string,
  options: ReceivingOptions,
  exists: (target: string) => boolean,
): void {
  for (const name of ["forwardTo", "forwardDeadLetteredMessagesTo"] as const) {
    const target = forwardingTarget(options[name]);
    if (target !== undefined && nameKey(target) === nameKey(path)) {
      throw invalidEntity(`'${path}' cannot forward to itself (${name}).`);
    }
    if (target !== undefined && !exists(target)) {
      throw invalidEntity(
        `The messaging entity '${target}' that ${name} of '${path}' names could not be found: it must be a queue or topic that exists.`,
      );
    }
  }
}
