import { AmqpError } from "../amqp/amqp-error.ts";
import type { AccessRight } from "../security/access-policy.ts";

/** Refuses a receiver of a session on an entity without sessions. */
export function sessionsNotEnabled(): AmqpError {
  return new AmqpError(
    "amqp:not-allowed",
    "A sessionful message receiver cannot be created on an entity that does not require sessions. Ensure RequiresSession is set to true when creating a Queue or Subscription to enable sessionful behavior.",
  );
}

/** Refuses a receiver without a session on an entity with sessions. */
export function sessionRequired(): AmqpError {
  return new AmqpError(
    "amqp:not-allowed",
    "It is not possible for an entity that requires sessions to create a non-sessionful message receiver.",
  );
}

/** Refuses a receiver where messages only pass through. */
export function forwardsMessages(path: string): AmqpError {
  return new AmqpError(
    "amqp:not-allowed",
    `A message receiver cannot be created on '${path}', because auto-forwarding is enabled on it.`,
  );
}

/** Refuses what the client's tokens do not allow. */
export function unauthorized(right: AccessRight, path: string): AmqpError {
  return new AmqpError(
    "amqp:unauthorized-access",
    `Unauthorized access. '${right}' claim(s) are required to perform this operation on '${path}'.`,
  );
}
