import type { AmqpError } from "../amqp/amqp-error.ts";
import type { OutgoingLink } from "../amqp/outgoing-link.ts";
import type { EntityLink } from "../entities/entity-use.ts";
import type { Consumer, MessageLock } from "../entities/message-lane.ts";
import type { Reception } from "../entities/message-store.ts";
import { encodeQueued, type QueuedMessage } from "../entities/queued-message.ts";
import { settleOrLose } from "./settle-or-lose.ts";

/** What a receiving link is built from. */
export interface ReceivingLinkOptions {
  readonly link: OutgoingLink;
  readonly reception: Reception;
  /** Peek-lock, or receive-and-delete. */
  readonly locksMessages: boolean;
  /** The link is gone, for whatever reason. Called once. */
  readonly ended: () => void;
}

/** Without a tag the SDK shows no lock token, which is right for what is settled already. */
const noTag = Buffer.alloc(0);

/** A client's receiver on a queue, subscription, dead-letter queue or session. */
export class ReceivingLink implements Consumer, EntityLink {
  readonly locksMessages: boolean;
  readonly #link: OutgoingLink;
  readonly #reception: Reception;
  readonly #ended: () => void;

  constructor(options: ReceivingLinkOptions) {
    this.locksMessages = options.locksMessages;
    this.#link = options.link;
    this.#reception = options.reception;
    this.#ended = options.ended;
    this.#reception.lane.addConsumer(this);
    this.#link.handledBy({
      credited: () => {
        this.#reception.lane.dispatch();
      },
      ended: () => {
        this.#leave();
      },
    });
  }

  get canTake(): boolean {
    return this.#link.canSend;
  }

  take(queued: QueuedMessage, lock: MessageLock | undefined): void {
    const message = encodeQueued(queued, lock?.lockedUntil);
    if (lock === undefined) {
      this.#link.send(message, noTag);
      return;
    }
    this.#link.send(message, lock.token, (outcome) => settleOrLose(this.#reception, lock, outcome));
  }

  detach(error: AmqpError): void {
    this.#link.detach(error);
    this.#leave();
  }

  #leave(): void {
    this.#reception.lane.removeConsumer(this);
    this.#ended();
  }
}
