import type { AmqpError } from "../amqp/amqp-error.ts";
import type { Clock } from "./clock.ts";
import type { EntityOperation } from "./entity-status.ts";

/** A link to an entity. */
export interface EntityLink {
  /** Ends the link and tells the client why. */
  detach(error: AmqpError): void;
}

/** Which links to detach. */
export interface DetachOptions {
  /** Only those that do this; all unless set. */
  readonly operation?: EntityOperation;
  /** At most so many, the oldest first; all unless set. */
  readonly count?: number | undefined;
}

/** Who uses an entity, and since when nobody does: the ground for deleting idle ones. */
export class EntityUse {
  readonly #clock: Clock;
  readonly #links = new Map<EntityLink, EntityOperation>();
  #lastUsedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastUsedAt = clock.now();
  }

  get linkCount(): number {
    return this.#links.size;
  }

  /** Broker time of the last use, milliseconds since 1970. */
  get lastUsedAt(): number {
    return this.#lastUsedAt;
  }

  /** How long nobody has used it, in milliseconds; 0 while a link is attached. */
  get idleInMs(): number {
    return this.#links.size > 0 ? 0 : this.#clock.now() - this.#lastUsedAt;
  }

  /** Notes a use that needs no link. */
  touch(): void {
    this.#lastUsedAt = this.#clock.now();
  }

  /** Adds a link by which a client does this. */
  add(link: EntityLink, operation: EntityOperation): void {
    this.#links.set(link, operation);
    this.touch();
  }

  remove(link: EntityLink): void {
    this.#links.delete(link);
    this.touch();
  }

  /**
   * Detaches links: every one, because the entity is gone, unless the options narrow it down. Returns how
   * many there were to detach.
   */
  detach(error: AmqpError, { operation, count }: DetachOptions = {}): number {
    const links = [...this.#links]
      .filter(([, used]) => operation === undefined || operation === used)
      .slice(0, count);
    for (const [link] of links) {
      this.#links.delete(link);
      link.detach(error);
    }
    return links.length;
  }
}
