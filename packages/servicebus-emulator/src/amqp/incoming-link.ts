import { AmqpError, decodeError } from "./amqp-error.ts";
import type { AmqpValue } from "./amqp-value.ts";
import { GatheredParts } from "./gathered-parts.ts";
import type { LinkOutput } from "./link-output.ts";
import { acceptedState, rejectedState } from "./outcome.ts";
import type { Flow, Transfer } from "./performatives.ts";
import type { SessionLink } from "./session-link.ts";
import { unanswered } from "./settlement.ts";

/** One whole message that a peer has sent. */
export interface IncomingDelivery {
  readonly payload: Buffer;
  /** 0 for AMQP's own message format, 0x80013700 for a batch. */
  readonly messageFormat: number;
  /** The delivery state the peer sent along: null, or transactional. */
  readonly state: AmqpValue;
}

/** What the owner of a link that receives from a peer wants to hear. */
export interface IncomingLinkHandler {
  /** What is larger is rejected without being kept, in bytes. @default maxMessageSize */
  readonly maxSize?: number;
  /** Takes a message; throws AmqpError to reject it. `unanswered`: the sender hears nothing of it. */
  received(delivery: IncomingDelivery): typeof unanswered | undefined;
  /** The link is gone. Called once. */
  ended(): void;
}

/** Standard tier's limit, which the attach announces; in bytes. */
export const maxMessageSize = 262_144;

const creditWindow = 1000;

/** A link on which a peer sends messages to the broker. */
export class IncomingLink implements SessionLink {
  readonly name: string;
  readonly #session: LinkOutput;
  readonly #handle: number;
  #handler: IncomingLinkHandler | undefined;
  #credit = 0;
  #deliveryCount: number;
  readonly #parts = new GatheredParts();
  #first: Transfer | undefined;

  constructor(session: LinkOutput, handle: number, options: IncomingLinkOptions) {
    this.#session = session;
    this.#handle = handle;
    this.name = options.name;
    this.#deliveryCount = options.initialDeliveryCount;
    this.#handler = options.handler;
  }

  /** Grants the peer its full credit again. */
  grantCredit(): void {
    this.#credit = creditWindow;
    this.#sendFlow();
  }

  /** Detaches the link and says why; `ended` is not called. */
  detach(error: AmqpError): void {
    this.#handler = undefined;
    this.#session.detach(this.#handle, error);
  }

  flow(flow: Flow): void {
    if (flow.echo) {
      this.#sendFlow();
    }
  }

  transfer(transfer: Transfer, payload: Buffer): void {
    const first = this.#first ?? transfer;
    this.#first = first;
    if (first.deliveryId === undefined) {
      throw decodeError("The first transfer of a delivery must carry a delivery-id.");
    }
    // What is too large is not kept, but heard to its end: a rejected delivery fails the send at
    // once, while of a detached link the SDK learns nothing until its time is over.
    this.#parts.add(payload, this.#handler?.maxSize ?? maxMessageSize);
    if (transfer.more && !transfer.aborted) {
      return;
    }
    const whole = this.#parts.take();
    this.#first = undefined;
    this.#countDelivery();
    if (!transfer.aborted) {
      this.#deliver({ ...first, deliveryId: first.deliveryId }, transfer, whole);
    }
  }

  peerDetached(): void {
    this.#session.answerDetach(this.#handle);
    this.lost();
  }

  lost(): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.ended();
  }

  #deliver(
    first: Transfer & { deliveryId: number },
    last: Transfer,
    payload: Buffer | undefined,
  ): void {
    const isSettled = first.settled || last.settled;
    let answer = acceptedState;
    try {
      if (payload === undefined) {
        throw messageTooLarge();
      }
      const { messageFormat, state } = first;
      if (this.#handler?.received({ payload, messageFormat, state }) === unanswered) {
        return;
      }
    } catch (error) {
      if (!(error instanceof AmqpError)) {
        throw error;
      }
      answer = rejectedState(error);
    }
    if (!isSettled) {
      this.#session.settle({ isReceiver: true, deliveryId: first.deliveryId, state: answer });
    }
  }

  #countDelivery(): void {
    this.#deliveryCount = (this.#deliveryCount + 1) >>> 0;
    this.#credit -= 1;
    if (this.#credit <= creditWindow / 2) {
      this.grantCredit();
    }
  }

  #sendFlow(): void {
    this.#session.sendFlow({
      handle: this.#handle,
      deliveryCount: this.#deliveryCount,
      credit: this.#credit,
      isDrain: false,
    });
  }
}

/** How an incoming link starts. */
export interface IncomingLinkOptions {
  readonly name: string;
  readonly initialDeliveryCount: number;
  readonly handler: IncomingLinkHandler;
}

/** Refuses a message above the limit, under the condition that the SDK knows. */
export function messageTooLarge(): AmqpError {
  return new AmqpError(
    "amqp:link:message-size-exceeded",
    `The received message exceeds the limit (${maxMessageSize} bytes) currently allowed on the link.`,
  );
}
