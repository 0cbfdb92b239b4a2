import { AmqpError } from "../amqp/amqp-error.ts";
import type { AmqpMap } from "../amqp/amqp-value.ts";
import { type Reception, sessionLockLost } from "../entities/message-store.ts";
import type { MessageSession, SessionHolder } from "../entities/message-session.ts";
import { PlainStore } from "../entities/plain-store.ts";
import { SessionStore } from "../entities/session-store.ts";
import type { ManageRequest } from "./manage.ts";
import { receivingStore } from "./management-store.ts";

/** A session with who holds it. */
export interface HeldSession {
  readonly store: SessionStore;
  readonly id: string;
  readonly holder: SessionHolder;
  readonly session: MessageSession;
}

/** The session that the body names, if the asking link holds it. @throws AmqpError */
export function heldSession(body: AmqpMap, request: ManageRequest): HeldSession {
  const id = body.get("session-id");
  const store = receivingStore(request);
  if (typeof id !== "string" || !(store instanceof SessionStore)) {
    throw new AmqpError("amqp:not-allowed", "The operation needs an entity with sessions.");
  }
  const holder = holderOf(store, id, request);
  return { store, id, holder, session: store.held(id, holder) };
}

/** Where messages are locked for the asking client: its session, or the entity. @throws AmqpError */
export function receptionFor(body: AmqpMap, request: ManageRequest): Reception {
  const store = receivingStore(request);
  return store instanceof PlainStore ? store : heldSession(body, request).session;
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
