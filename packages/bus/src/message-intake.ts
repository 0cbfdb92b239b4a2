import type { Clock, Log, ParsedMessage } from "@fleetquake/contract";
import { DroppedMessages } from "./dropped-messages.ts";
import { decodeMessage } from "./message-body.ts";
import type { ReceivedMessage } from "./subscription-receiver.ts";

export interface MessageIntakeOptions<T> {
  readonly clock: Clock;
  readonly log: Log;
  /** The topic, for the log. */
  readonly source: string;
  readonly parse: (value: unknown) => ParsedMessage<T>;
  /** `enqueuedAtInMs` is the broker's stamp, ms since 1970. */
  readonly deliver: (message: T, enqueuedAtInMs: number) => void;
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

  accept({ body, enqueuedAtInMs }: ReceivedMessage): void {
    const parsed = decodeMessage(body, this.#options.parse);
    if (!parsed.ok) {
      this.drop(parsed.reason);
    } else if (enqueuedAtInMs === undefined) {
      this.drop("the broker did not stamp the message");
    } else {
      this.#tell(() => this.#options.deliver(parsed.message, enqueuedAtInMs));
    }
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
