import { AmqpError } from "../amqp/amqp-error.ts";
import type { AmqpMap } from "../amqp/amqp-value.ts";
import {
  binaryValue,
  mapValue,
  nullValue,
  stringValue,
  timestampValue,
} from "../amqp/encode-value.ts";
import { sessionLockLost } from "../entities/message-store.ts";
import type { MessageSession, SessionHolder } from "../entities/message-session.ts";
import { SessionStore } from "../entities/session-store.ts";
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

interface HeldSession {
  readonly store: SessionStore;
  readonly id: string;
  readonly holder: SessionHolder;
  readonly session: MessageSession;
}

/** The session that the body names, if the asking link holds it. @throws AmqpError */
function heldSession(body: AmqpMap, request: ManageRequest): HeldSession {
  const id = body.get("session-id");
  const { entity } = request;
  const store = entity.kind === "topic" ? undefined : entity.mailbox.messages;
  if (typeof id !== "string" || !(store instanceof SessionStore) || request.isDeadLetter) {
    throw new AmqpError("amqp:not-allowed", "The operation needs an entity with sessions.");
  }
  const holder = holderOf(store, id, request);
  return { store, id, holder, session: store.held(id, holder) };
}

function holderOf(store: SessionStore, id: string, request: ManageRequest): SessionHolder {
  const candidates =
    request.linkName === undefined
      ? [...request.holders.values()]
      : [request.holders.get(request.linkName)];
  const holder = candidates.find(
    (candidate) => candidate !== undefined && store.isHeldBy(id, candidate),
  );
  if (holder === undefined) {
    throw sessionLockLost(id);
  }
  return holder;
}
