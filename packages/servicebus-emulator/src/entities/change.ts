import type { Arrival } from "./arrival.ts";
import type { SubQueue } from "./entity-name.ts";
import type { QueueOptions, SubscriptionOptions, TopicOptions } from "./entity-options.ts";
import type { QueuedMessage } from "./queued-message.ts";
import type { Rule } from "./rule.ts";

/** What an entity has from its creation on. */
export interface EntityOrigin {
  /** A number that no other entity has, before or after it; 0 while nothing is kept. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
}

/** An entity as it is kept, without what it holds. */
export type KeptEntity = EntityOrigin & { readonly name: string } & (
    | { readonly type: "queue"; readonly options: QueueOptions }
    | { readonly type: "topic"; readonly options: TopicOptions }
    | {
        readonly type: "subscription";
        readonly topic: string;
        readonly options: SubscriptionOptions;
      }
  );

/** A scheduled message as it is kept; times in milliseconds since 1970. */
export interface KeptScheduled {
  readonly sequenceNumber: number;
  readonly dueAt: number;
  readonly enqueuedAt: number;
  readonly arrival: Arrival;
}

/** What happened to the messages of an entity or of its dead letters. */
export type MessageChange =
  /** A message came, came back, or was put aside: in the place of the one with its number. */
  | { readonly kind: "message-put"; readonly box: SubQueue; readonly queued: QueuedMessage }
  | { readonly kind: "message-locked"; readonly box: SubQueue; readonly sequenceNumber: number }
  | { readonly kind: "message-removed"; readonly box: SubQueue; readonly sequenceNumber: number }
  | {
      readonly kind: "session-state-set";
      readonly sessionId: string;
      readonly state: Buffer | undefined;
    };

/** What happened where messages come in. */
export type IntakeChange =
  | { readonly kind: "scheduled"; readonly scheduled: KeptScheduled }
  | { readonly kind: "unscheduled"; readonly sequenceNumber: number }
  /** A message id was used, in milliseconds since 1970. */
  | { readonly kind: "id-used"; readonly messageId: string; readonly at: number }
  /** The ids used up to this moment no longer count. */
  | { readonly kind: "ids-forgotten"; readonly until: number }
  /** A number was given out that no message here bears witness to. */
  | { readonly kind: "number-used"; readonly sequenceNumber: number };

/** What happened to an entity itself. */
export type EntityChange =
  | { readonly kind: "entity-removed" }
  | { readonly kind: "rule-set"; readonly rule: Rule }
  | { readonly kind: "rule-removed"; readonly name: string };

/** Something that must survive a restart. `entity` is the number of the entity it happened to. */
export type Change =
  | { readonly kind: "entity-set"; readonly entity: KeptEntity }
  | ((EntityChange | IntakeChange | MessageChange) & { readonly entity: number });

/** Where entities note what must survive. Several notes of one turn of the event loop are kept together or not at all. */
export interface ChangeLog {
  /** A number for a new entity. */
  nextEntityId(): number;
  note(change: Change): void;
}
