import type { Clock, Log, ParsedMessage } from "@fleetquake/contract";
import { DroppedMessages } from "./dropped-messages.ts";
import { decodeMessage } from "./message-body.ts";
import type { ReceivedMessage } from "./subscription-receiver.ts";

export interface MessageIntakeOptions<T> {
  readonly clock: Clock;
  readonly log: Log;
  /** The topic, for the log. */
  readonly source: string;
  /** Why a message is not even read. @default every message is read */
  readonly reasonAgainstBody?: (received: ReceivedMessage) => string | null;
  readonly parse: (value: unknown) => ParsedMessage<T>;
  /** Why a message that fits the contract is not delivered. @default all are */
  readonly reasonAgainst?: (message: T, enqueuedAtInMs: number) => string | null;
  /** `enqueuedAtInMs` is the broker's stamp, ms since 1970. */
  readonly deliver: (message: T, enqueuedAtInMs: number, received: ReceivedMessage) => void;
  readonly onDropped: (reason: string) => void;
}

/** Where received messages are held to the contract: they are delivered, or counted, logged and dropped. Never throws. */
export class MessageIntake<T> {
  readonly #options: MessageIntakeOptions<T>;
  readonly #dropped: DroppedMessages;

  constructor(options: MessageIntakeOptions<T>) {
    this.#options = options;
    this.#dropped = new DroppedMessages(options);
  }

  accept(received: ReceivedMessage): void {
    const { parse, reasonAgainstBody, reasonAgainst, deliver } = this.#options;
    const { body, enqueuedAtInMs } = received;
    const unread = reasonAgainstBody?.(received) ?? null;
    if (unread !== null) {
      this.drop(unread);
      return;
    }
    const parsed = decodeMessage(body, parse);
    if (!parsed.ok) {
      this.drop(parsed.reason);
      return;
    }
    if (enqueuedAtInMs === undefined) {
      this.drop("the broker did not stamp the message");
      return;
    }
    const reason = reasonAgainst?.(parsed.message, enqueuedAtInMs) ?? null;
    if (reason !== null) {
      this.drop(reason);
      return;
    }
    this.#tell(() => deliver(parsed.message, enqueuedAtInMs, received));
  }

  drop(reason: string): void {
    this.#dropped.record(reason);
    this.#tell(() => this.#options.onDropped(reason));
  }

  #tell(tell: () => void): void {
    tellListener(this.#options.log, tell);
  }
}

/** Calls a listener; one that throws must not take the receiver with it. */
export function tellListener(log: Log, tell: () => void): void {
  try {
    tell();
  } catch (error) {
    log.error("bus-listener-failed", { error: String(error) });
  }
}
