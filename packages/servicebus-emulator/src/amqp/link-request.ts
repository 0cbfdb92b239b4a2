import { maxMessageSize, IncomingLink, type IncomingLinkHandler } from "./incoming-link.ts";
import type { AmqpError } from "./amqp-error.ts";
import {
  booleanValue,
  mapValue,
  nullValue,
  stringValue,
  ubyteValue,
  uintValue,
  ulongValue,
} from "./encode-value.ts";
import { terminusValue } from "./outcome.ts";
import { OutgoingLink } from "./outgoing-link.ts";
import type { Attach, Flow } from "./performatives.ts";
import type { LinkOutput } from "./link-output.ts";
import type { SessionLink } from "./session-link.ts";

/** What a request needs of its session besides what every link needs. */
export interface RequestOutput extends LinkOutput {
  /** Sends our attach and puts the link in the place of the request. */
  answerAttach(handle: number, fields: readonly Buffer[], link: SessionLink): void;
}

/** What an accepted link for sending says of itself beyond the echo of the request. */
export interface OutgoingLinkOptions {
  /** Encoded keys and values of the source's filter map: the ones that hold. */
  readonly filter?: readonly Buffer[];
  /** Encoded keys and values of the link's properties. */
  readonly properties?: readonly Buffer[];
}

/**
 * A peer's wish to attach a link. It is answered by exactly one of the accept methods or `refuse`,
 * at once or later: a client that waits for the next free session waits for its attach.
 */
export class LinkRequest implements SessionLink {
  readonly attach: Attach;
  readonly #session: RequestOutput;
  #state: "waiting" | "answered" | "withdrawn" = "waiting";
  #withdrawn: (() => void) | undefined;
  #earlyFlow: Flow | undefined;

  constructor(session: RequestOutput, attach: Attach) {
    this.#session = session;
    this.attach = attach;
  }

  /** True until the request is answered or the peer gives up. */
  get isWaiting(): boolean {
    return this.#state === "waiting";
  }

  /** Names who hears that the peer gave up before the answer. */
  onWithdrawn(withdrawn: () => void): void {
    this.#withdrawn = withdrawn;
  }

  /** Accepts a link on which the peer sends. */
  acceptIncoming(handler: IncomingLinkHandler): IncomingLink {
    const link = new IncomingLink(this.#session, this.attach.handle, {
      name: this.attach.name,
      initialDeliveryCount: this.attach.initialDeliveryCount,
      handler,
    });
    this.#answer(this.#fields(true, {}), link);
    link.grantCredit();
    return link;
  }

  /** Accepts a link on which the peer receives; the caller then says who handles it. */
  acceptOutgoing(options: OutgoingLinkOptions = {}): OutgoingLink {
    const link = new OutgoingLink(this.#session, this.attach.handle, this.attach.name);
    this.#answer(this.#fields(true, options), link);
    return link;
  }

  /** Passes on the credit that came before the answer, once somebody handles the link. */
  replayFlow(link: SessionLink): void {
    if (this.#earlyFlow !== undefined) {
      link.flow(this.#earlyFlow);
    }
  }

  /**
   * Refuses the link: an attach without terminus, then a detach with the error (AMQP 1.0 part
   * 2.6.3). Both leave in one write, so that the client sees the error before it uses the link.
   */
  refuse(error: AmqpError): void {
    this.#answer(this.#fields(false, {}), this);
    this.#session.detach(this.attach.handle, error);
  }

  flow(flow: Flow): void {
    this.#earlyFlow = flow;
  }

  transfer(): void {
    // Without credit a peer may not send; what it sends nevertheless has no receiver.
  }

  peerDetached(): void {
    this.#state = "withdrawn";
    this.#session.answerAttach(this.attach.handle, this.#fields(false, {}), this);
    this.#session.answerDetach(this.attach.handle);
    this.#withdrawn?.();
  }

  lost(): void {
    if (this.#state === "waiting") {
      this.#state = "withdrawn";
      this.#withdrawn?.();
    }
  }

  #answer(fields: readonly Buffer[], link: SessionLink): void {
    this.#state = "answered";
    this.#session.answerAttach(this.attach.handle, fields, link);
  }

  #fields(isAccepted: boolean, options: OutgoingLinkOptions): readonly Buffer[] {
    const { attach } = this;
    const isSender = attach.isReceiver;
    const source = terminusValue(0x28, attach.source?.address, options.filter);
    const target = terminusValue(0x29, attach.target?.address);
    return [
      stringValue(attach.name),
      uintValue(attach.handle),
      booleanValue(!attach.isReceiver),
      ubyteValue(attach.senderSettleMode),
      ubyteValue(attach.receiverSettleMode),
      isAccepted || !isSender ? source : nullValue,
      isAccepted || isSender ? target : nullValue,
      nullValue,
      nullValue,
      isSender ? uintValue(0) : nullValue,
      ulongValue(maxMessageSize),
      nullValue,
      nullValue,
      options.properties === undefined ? nullValue : mapValue(options.properties),
    ];
  }
}
