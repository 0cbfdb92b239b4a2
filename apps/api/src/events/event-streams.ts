import type { ServerResponse } from "node:http";
import type { Clock, FleetNews, Log, StreamEvent, Timer } from "@fleetquake/contract";
import type { EventOrigin, FleetObserver } from "@fleetquake/coordinator";
import { EventClient } from "./event-client.ts";
import { eventIdOf } from "./event-id-of.ts";
import { EventRing, keptEvent, type KeptEvent } from "./event-ring.ts";
import { formatEvent } from "./format-event.ts";

export interface EventStreamsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** How things stand, for clients whose last event is not known. */
  readonly snapshot: () => StreamEvent;
  /** @default 50 */
  readonly maxClients?: number;
  /** What may wait for one client that reads slowly. @default 1 MiB */
  readonly maxBufferedBytes?: number;
  /** Events that are kept for clients that come back. @default 1000 */
  readonly maxEvents?: number;
  /** Of the events that are kept, as they came. @default 1 MiB */
  readonly maxKeptBytes?: number;
}

/** What a client is told to wait before it comes back, in milliseconds. */
const RETRY_IN_MS = 2_000;
/** Proxies cut connections on which nothing happens for a minute, some for half of it. */
const HEARTBEAT_IN_MS = 15_000;
const MEBIBYTE = 1_024 * 1_024;

/** The clients that follow what happens in the fleet, and what they may have missed. */
export class EventStreams implements FleetObserver {
  readonly #options: EventStreamsOptions;
  readonly #ring: EventRing;
  readonly #clients = new Set<EventClient>();
  /** Kept already, not sent yet. */
  readonly #pending: KeptEvent[] = [];
  #flushing: NodeJS.Immediate | null = null;
  #heartbeat: Timer | null = null;
  #isClosed = false;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    const { maxEvents = 1_000, maxKeptBytes = MEBIBYTE } = options;
    this.#ring = new EventRing({ maxEvents, maxBytes: maxKeptBytes });
  }

  /** Whether one more client would be too many. */
  get isFull(): boolean {
    return this.#clients.size >= (this.#options.maxClients ?? 50);
  }

  /** true once the API ends. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Keeps an event, and sends it when what is under way in this turn is done: an answer does not wait for its event. */
  onEvent(event: FleetNews, enqueuedAtInMs: number, origin: EventOrigin): void {
    if (event.type === "heartbeat") {
      return;
    }
    const { messageId, sizeInBytes } = origin;
    const kept = keptEvent(event, eventIdOf(messageId, event), { enqueuedAtInMs, sizeInBytes });
    if (this.#ring.add(kept) && this.#clients.size > 0) {
      this.#pending.push(kept);
      this.#flushing ??= setImmediate(() => this.#flush());
    }
  }

  /** Whoever listens may have missed something: all are told how things stand. */
  onConnected(): void {
    this.#flush();
    this.#ring.clear();
    if (this.#clients.size > 0) {
      const text = this.#snapshotText();
      for (const client of this.#clients) {
        client.catchUp(text);
      }
    }
  }

  /**
   * Makes a response whose head is written a client's: first what came after the client's last event, or how things stand
   * where that is not known, then every event until one of the two ends it.
   */
  open(response: ServerResponse, lastEventId: string | undefined): void {
    // Whoever comes now finds these in what was kept.
    this.#flush();
    const client = new EventClient(response, {
      maxBufferedBytes: this.#options.maxBufferedBytes ?? MEBIBYTE,
      onDrop: (reason, bufferedBytes) => {
        this.#options.log.warn("event-stream-dropped", { reason, buffered_bytes: bufferedBytes });
      },
    });
    response.once("close", () => this.#forget(client));
    response.once("error", (error) => {
      this.#options.log.debug("event-stream-failed", { error: String(error) });
    });
    const missed = lastEventId === undefined ? null : this.#ring.after(lastEventId);
    const text = missed?.map((event) => event.text()).join("") ?? this.#snapshotText();
    client.catchUp(`retry: ${RETRY_IN_MS}\n\n${text}`);
    this.#clients.add(client);
    this.#heartbeat ??= this.#armHeartbeat();
  }

  /** Ends every stream, and takes no further. */
  close(): void {
    this.#isClosed = true;
    this.#flush();
    for (const client of this.#clients) {
      client.end();
    }
  }

  #flush(): void {
    if (this.#flushing !== null) {
      clearImmediate(this.#flushing);
      this.#flushing = null;
    }
    for (const event of this.#pending.splice(0)) {
      for (const client of this.#clients) {
        client.send(event.text());
      }
    }
  }

  #snapshotText(): string {
    return formatEvent(this.#options.snapshot(), this.#ring.lastId);
  }

  #armHeartbeat(): Timer {
    return this.#options.clock.after(HEARTBEAT_IN_MS, () => {
      for (const client of this.#clients) {
        client.look();
        client.send(": heartbeat\n\n");
      }
      this.#heartbeat = this.#armHeartbeat();
    });
  }

  #forget(client: EventClient): void {
    this.#clients.delete(client);
    if (this.#clients.size === 0) {
      this.#heartbeat?.cancel();
      this.#heartbeat = null;
    }
  }
}
