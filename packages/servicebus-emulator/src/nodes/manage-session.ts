import { AmqpError } from "../amqp/amqp-error.ts";
import type { AmqpMap } from "../amqp/amqp-value.ts";
import {
  binaryValue,
  mapValue,
  nullValue,
  stringValue,
  timestampValue,
} from "../amqp/encode-value.ts";
import { heldSession } from "./held-session.ts";
import type { ManageRequest } from "./manage.ts";
import { type NodeResponse, ok } from "./request-node.ts";

/** The limit of the Standard tier for the state of one session, in bytes. */
const maxStateSize = 262_144;

/** Prolongs the lock of the session that the asking link holds. */
export function renewSessionLock(body: AmqpMap, request: ManageRequest): NodeResponse {
  const { store, id, holder } = heldSession(body, request);
  const expiration = timestampValue(store.renew(id, holder));
  return ok(mapValue([stringValue("expiration"), expiration]));
}

/** Reads the state of a held session: null when there is none. */
export function getSessionState(body: AmqpMap, request: ManageRequest): NodeResponse {
  const { session } = heldSession(body, request);
  const state = session.state === undefined ? nullValue : binaryValue(session.state);
  return ok(mapValue([stringValue("session-state"), state]));
}

/** Stores the state of a held session; null takes it away. */
export function setSessionState(body: AmqpMap, request: ManageRequest): NodeResponse {
  const { session } = heldSession(body, request);
  const state = body.get("session-state") ?? null;
  if (state !== null && !Buffer.isBuffer(state)) {
    throw new AmqpError("amqp:invalid-field", "session-state must be binary.");
  }
  if (state !== null && state.length > maxStateSize) {
    throw new AmqpError("amqp:link:message-size-exceeded", "The session state is too large.");
  }
  session.state = state === null ? undefined : Buffer.from(state);
  return ok();
}
