import type { LostPart } from "./fault-hooks.ts";

/** How long a fault lasts. */
export interface FaultDuration {
  /** Milliseconds, 1 to 3,600,000. Until it is stopped unless set. */
  readonly durationInMs?: number;
}

/** A queue, topic or subscription: `name`, or `topic/Subscriptions/name`. */
interface FaultyEntity {
  readonly entity: string;
}

/** What each fault takes; its name is the key. */
export interface FaultOptions {
  /** Connections are taken and nothing is answered, over AMQP and the admin REST. */
  readonly freeze: FaultDuration;
  /** Every AMQP connection is cut, and new ones too while it lasts; without duration only once. */
  readonly "drop-connections": FaultDuration;
  /** A message is delivered this long after it was sent, 1 to 600,000 milliseconds. */
  readonly "delay-deliveries": FaultDuration & { readonly delayInMs: number };
  /** Each message is delivered twice, under two locks. */
  readonly "duplicate-deliveries": FaultDuration;
  /** Messages gather for a while (1 to 60,000 milliseconds, by default 200); then the newest goes first. */
  readonly "reorder-deliveries": FaultDuration & { readonly windowInMs?: number };
  /** Operations cost credits, 1,000 a second unless set; without credit the broker is busy. */
  readonly throttle: FaultDuration & { readonly creditsPerSecond?: number };
  /** Links to an entity are detached: all of them, or `count`. */
  readonly "detach-links": FaultyEntity & { readonly count?: number };
  /** Locks on messages and sessions run out now: of one entity, or of all. */
  readonly "expire-locks": Partial<FaultyEntity>;
  /**
   * Settlements get lost, all or `count`: what a receiver says (the default), the broker's answer to
   * it, or the broker's receipt for a message that was sent.
   */
  readonly "lose-settlements": FaultDuration & {
    readonly loses?: LostPart;
    readonly count?: number;
  };
  /** An entity is deleted, whoever uses it. */
  readonly "delete-entity": FaultyEntity;
}

/** The name of a fault. */
export type FaultName = keyof FaultOptions;
