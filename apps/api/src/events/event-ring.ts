import { formatEvent } from "./format-event.ts";
import { streamEventOf, type ShownEvent } from "./stream-event-of.ts";

/** An event that was there; its text is made when somebody wants it. */
export interface KeptEvent {
  readonly id: string;
  readonly sizeInBytes: number;
  /** As it goes over the wire. */
  text(): string;
}

export interface EventRingOptions {
  readonly maxEvents: number;
  /** Of the events as they came; one that is larger than all is kept alone. */
  readonly maxBytes: number;
}

/** Makes an event to keep; nothing is serialised before it is read. */
export function keptEvent(
  event: ShownEvent,
  id: string,
  received: { readonly enqueuedAtInMs: number; readonly sizeInBytes: number },
): KeptEvent {
  let text: string | null = null;
  return {
    id,
    sizeInBytes: received.sizeInBytes,
    text: () => (text ??= formatEvent(streamEventOf(event, received.enqueuedAtInMs), id)),
  };
}

/** The recent events in the order in which they came, for clients that were away. */
export class EventRing {
  readonly #options: EventRingOptions;
  readonly #events = new Map<string, KeptEvent>();
  #bytes = 0;
  #lastId: string | null = null;

  constructor(options: EventRingOptions) {
    this.#options = options;
  }

  /** The id of the event that came last; null where there is none. */
  get lastId(): string | null {
    return this.#lastId;
  }

  /** @returns false for an event that is there already: the bus brought it twice. */
  add(event: KeptEvent): boolean {
    if (this.#events.has(event.id)) {
      return false;
    }
    this.#events.set(event.id, event);
    this.#lastId = event.id;
    this.#bytes += event.sizeInBytes;
    this.#evict();
    return true;
  }

  /** What came after an event; null when that is not known (any more). */
  after(id: string): readonly KeptEvent[] | null {
    if (!this.#events.has(id)) {
      return null;
    }
    const events = [...this.#events.values()];
    return events.slice(events.findIndex((event) => event.id === id) + 1);
  }

  /** Events may have been missed: whoever asks for what came after one of these must be told how things stand. */
  clear(): void {
    this.#events.clear();
    this.#bytes = 0;
    this.#lastId = null;
  }

  #evict(): void {
    const { maxEvents, maxBytes } = this.#options;
    for (const event of this.#events.values()) {
      const fits = this.#events.size <= maxEvents && this.#bytes <= maxBytes;
      if (fits || this.#events.size === 1) {
        return;
      }
      this.#events.delete(event.id);
      this.#bytes -= event.sizeInBytes;
    }
  }
}
