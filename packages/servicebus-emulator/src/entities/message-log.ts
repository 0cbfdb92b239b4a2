import type { EntityContext } from "./broker-context.ts";
import type { SubQueue } from "./entity-name.ts";
import type { QueuedMessage } from "./queued-message.ts";

/** Where a store notes what becomes of its messages. */
export interface MessageLog {
  /** A message came, came back, or was put aside. */
  put(queued: QueuedMessage): void;
  /** A message was delivered under a lock of its own. */
  locked(queued: QueuedMessage): void;
  /** A message is gone from here. */
  removed(queued: QueuedMessage): void;
  /** A session has another state; undefined for none. */
  stateSet(sessionId: string, state: Buffer | undefined): void;
}

/** The log of an entity's messages or dead letters; undefined when nothing is kept. */
export function messageLog(
  { changes, origin }: EntityContext,
  box: SubQueue,
): MessageLog | undefined {
  if (changes === undefined) {
    return undefined;
  }
  const entity = origin.id;
  return {
    put: (queued) => {
      changes.note({ kind: "message-put", entity, box, queued });
    },
    locked: ({ message: { sequenceNumber } }) => {
      changes.note({ kind: "message-locked", entity, box, sequenceNumber });
    },
    removed: ({ message: { sequenceNumber } }) => {
      changes.note({ kind: "message-removed", entity, box, sequenceNumber });
    },
    stateSet: (sessionId, state) => {
      changes.note({ kind: "session-state-set", entity, sessionId, state });
    },
  };
}
