import type { AmqpError } from "../amqp/amqp-error.ts";
import type { Clock } from "./clock.ts";

/** A link to an entity. */
export interface EntityLink {
  /** Ends the link and tells the client why. */
  detach(error: AmqpError): void;
}

/** Who uses an entity, and since when nobody does: the ground for deleting idle ones. */
export class EntityUse {
  readonly #clock: Clock;
  readonly #links = new Set<EntityLink>();
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

  add(link: EntityLink): void {
    this.#links.add(link);
    this.touch();
  }

  remove(link: EntityLink): void {
    this.#links.delete(link);
    this.touch();
  }

  /** Detaches every link, because the entity is gone. */
  detachAll(error: AmqpError): void {
    const links = [...this.#links];
    this.#links.clear();
    for (const link of links) {
      link.detach(error);
    }
  }
}
