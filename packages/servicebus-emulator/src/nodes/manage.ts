import { AmqpError } from "../amqp/amqp-error.ts";
import type { SessionHolder } from "../entities/message-session.ts";
import type { Entity } from "../entities/namespace.ts";
import type { MessageContent } from "../messages/message-content.ts";
import { asMap } from "../amqp/fields.ts";
import type { AmqpMap } from "../amqp/amqp-value.ts";
import { peekMessages, renewLocks, updateDisposition } from "./manage-message.ts";
import { addRule, enumerateRules, removeRule } from "./manage-rule.ts";
import { getSessionState, renewSessionLock, setSessionState } from "./manage-session.ts";
import type { NodeResponse } from "./request-node.ts";

/** What a `$management` operation works on. */
export interface ManageContext {
  readonly entity: Entity;
  readonly isDeadLetter: boolean;
  /** The sessions that this connection holds, by the names of their links. */
  readonly holders: ReadonlyMap<string, SessionHolder>;
}

/** One operation's work, given the map in the request's body. */
export type ManageOperation = (body: AmqpMap, request: ManageRequest) => NodeResponse;

/** A request with what it works on. */
export interface ManageRequest extends ManageContext {
  /** The link on whose behalf the client asks, if it says so. */
  readonly linkName: string | undefined;
}

const operations: Readonly<Record<string, ManageOperation>> = {
  "com.microsoft:renew-lock": renewLocks,
  "com.microsoft:peek-message": peekMessages,
  "com.microsoft:update-disposition": updateDisposition,
  "com.microsoft:add-rule": addRule,
  "com.microsoft:remove-rule": removeRule,
  "com.microsoft:enumerate-rules": enumerateRules,
  "com.microsoft:renew-session-lock": renewSessionLock,
  "com.microsoft:get-session-state": getSessionState,
  "com.microsoft:set-session-state": setSessionState,
};

/**
 * Answers a request to an entity's `$management` node
 * (learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response).
 *
 * @throws AmqpError when it is refused.
 */
export function manage(message: MessageContent, context: ManageContext): NodeResponse {
  const properties = message.applicationProperties;
  const given = properties.get("operation");
  const name = typeof given === "string" ? given : "";
  const operation = operations[name];
  if (operation === undefined) {
    throw new AmqpError("amqp:not-implemented", `The operation '${name}' is not supported.`);
  }
  const linkName = properties.get("associated-link-name");
  return operation(asMap(message.bodyValue), {
    ...context,
    linkName: typeof linkName === "string" ? linkName : undefined,
  });
}
