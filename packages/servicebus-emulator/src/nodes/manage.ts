import { AmqpError } from "../amqp/amqp-error.ts";
import type { SubQueue } from "../entities/entity-name.ts";
import type { SessionHolder } from "../entities/message-session.ts";
import type { Entity } from "../entities/namespace.ts";
import type { MessageContent } from "../messages/message-content.ts";
import { asMap } from "../amqp/fields.ts";
import type { AmqpMap } from "../amqp/amqp-value.ts";
import { receiveBySequenceNumber } from "./manage-deferred.ts";
import { peekMessages, renewLocks, updateDisposition } from "./manage-message.ts";
import { addRule, enumerateRules, removeRule } from "./manage-rule.ts";
import { cancelScheduledMessages, scheduleMessages } from "./manage-schedule.ts";
import { getSessionState, renewSessionLock, setSessionState } from "./manage-session.ts";
import type { NodeResponse } from "./request-node.ts";

/** What a `$management` operation works on. */
export interface ManageContext {
  readonly entity: Entity;
  readonly subQueue: SubQueue;
  /** The sessions that this connection holds, by the names of their links. */
  readonly holders: ReadonlyMap<string, SessionHolder>;
  /** Checks that the client may do this, and that the entity is open for it. @throws AmqpError */
  demand(use: ManageUse): void;
  /** Checks that a change can be kept. @throws AmqpError */
  demandChange(): void;
}

/** What an operation uses: the way in for messages, the way out, or the rules. */
export type ManageUse = "Send" | "Listen" | "rules";

/** One operation's work, given the map in the request's body. */
export type ManageOperation = (body: AmqpMap, request: ManageRequest) => NodeResponse;

/** A request with what it works on. */
export interface ManageRequest extends ManageContext {
  /** The link on whose behalf the client asks, if it says so. */
  readonly linkName: string | undefined;
}

interface OperationEntry {
  readonly use: ManageUse;
  /** Reads only, or changes nothing that is kept. */
  readonly isRead?: true;
  readonly work: ManageOperation;
}

/** A map, because every object knows more names than it was given. */
const operations: ReadonlyMap<string, OperationEntry> = new Map<string, OperationEntry>([
  ["com.microsoft:renew-lock", { use: "Listen", isRead: true, work: renewLocks }],
  ["com.microsoft:peek-message", { use: "Listen", isRead: true, work: peekMessages }],
  ["com.microsoft:update-disposition", { use: "Listen", work: updateDisposition }],
  ["com.microsoft:receive-by-sequence-number", { use: "Listen", work: receiveBySequenceNumber }],
  ["com.microsoft:schedule-message", { use: "Send", work: scheduleMessages }],
  ["com.microsoft:cancel-scheduled-message", { use: "Send", work: cancelScheduledMessages }],
  ["com.microsoft:add-rule", { use: "rules", work: addRule }],
  ["com.microsoft:remove-rule", { use: "rules", work: removeRule }],
  ["com.microsoft:enumerate-rules", { use: "rules", isRead: true, work: enumerateRules }],
  ["com.microsoft:renew-session-lock", { use: "Listen", isRead: true, work: renewSessionLock }],
  ["com.microsoft:get-session-state", { use: "Listen", isRead: true, work: getSessionState }],
  ["com.microsoft:set-session-state", { use: "Listen", work: setSessionState }],
]);

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
  const operation = operations.get(name);
  if (operation === undefined) {
    throw new AmqpError("amqp:not-implemented", `The operation '${name}' is not supported.`);
  }
  context.demand(operation.use);
  if (operation.isRead !== true) {
    context.demandChange();
  }
  const linkName = properties.get("associated-link-name");
  return operation.work(asMap(message.bodyValue), {
    ...context,
    linkName: typeof linkName === "string" ? linkName : undefined,
  });
}
