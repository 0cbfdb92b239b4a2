import { AmqpError } from "../amqp/amqp-error.ts";
import { parseAddress } from "../entities/entity-name.ts";
import type { Namespace } from "../entities/namespace.ts";
import type { MessageContent } from "../messages/message-content.ts";
import type { AccessPolicy } from "../security/access-policy.ts";
import type { ConnectionClaims } from "../security/connection-claims.ts";
import { verifySasToken } from "../security/sas-token.ts";
import type { BrokerContext } from "../entities/broker-context.ts";
import type { NodeResponse, StatusNames } from "./request-node.ts";

/** What `$cbs` works with. */
export interface PutTokenContext {
  readonly broker: BrokerContext;
  readonly namespace: Namespace;
  readonly policies: readonly AccessPolicy[];
  readonly claims: ConnectionClaims;
}

/** The names in which `$cbs` gives its status. */
export const cbsStatusNames: StatusNames = {
  code: "status-code",
  description: "status-description",
  condition: "error-condition",
};

const sasTokenType = "servicebus.windows.net:sastoken";

/**
 * Answers put-token on `$cbs` (the draft OASIS "AMQP Claims-based Security" in Service Bus's form):
 * 202 when the token is good. An audience without entity is 404, which is how a client's first use
 * of a missing entity fails at once.
 *
 * @throws AmqpError when the request or the token is refused.
 */
export function putToken(request: MessageContent, context: PutTokenContext): NodeResponse {
  const properties = request.applicationProperties;
  const audience = properties.get("name");
  const token = request.bodyValue;
  if (properties.get("operation") !== "put-token" || typeof audience !== "string") {
    throw new AmqpError("amqp:not-implemented", "Only put-token with a name is supported.");
  }
  if (properties.get("type") !== sasTokenType || typeof token !== "string") {
    throw new AmqpError(
      "amqp:unauthorized-access",
      `Only tokens of type ${sasTokenType} are taken.`,
    );
  }
  const verdict = verifySasToken(token, context.policies, context.broker.clock.now());
  if ("refusal" in verdict) {
    throw new AmqpError("amqp:unauthorized-access", verdict.refusal);
  }
  const address = parseAddress(audience);
  const path = address?.path;
  if (path !== undefined && context.namespace.find(path) === undefined) {
    throw new AmqpError("amqp:not-found", context.broker.notFoundText(pathOf(audience)));
  }
  if (!context.claims.put(audience.toLowerCase(), verdict)) {
    throw new AmqpError("amqp:resource-limit-exceeded", "The connection has too many tokens.");
  }
  return { statusCode: 202, description: "Accepted" };
}

function pathOf(audience: string): string {
  return audience.replace(/^[a-z]+:\/\/[^/]*\/?/iu, "");
}
