import { AmqpError } from "./amqp-error.ts";
import { DispositionQueue } from "./disposition-queue.ts";
import { booleanValue, nullValue, uintValue, ushortValue } from "./encode-value.ts";
import { encodeTransfer } from "./encode-transfer.ts";
import { type Frame, performative } from "./frame.ts";
import type { LinkFlow, OutgoingMessage, SettledDelivery } from "./link-output.ts";
import { LinkRequest, type RequestOutput } from "./link-request.ts";
import { acceptedState, errorValue, readOutcome, rejectedState } from "./outcome.ts";
import { OutgoingLink } from "./outgoing-link.ts";
import {
  type Begin,
  type Disposition,
  readAttach,
  readDetach,
  readDisposition,
  readFlow,
  readTransfer,
} from "./performatives.ts";
import { ClosingLink } from "./closing-link.ts";
import type { SessionLink } from "./session-link.ts";
import { type Settlement, unanswered } from "./settlement.ts";

/** What a session asks of its connection. */
export interface SessionOutput {
  /** The longest frame the peer takes, in bytes. */
  readonly maxFrameSize: number;
  /** True while the peer does not read what it has been sent. */
  readonly isCongested: boolean;
  sendFrame(channel: number, code: number, fields: readonly Buffer[]): void;
  sendRaw(bytes: Buffer): void;
  linkRequested(request: LinkRequest): void;
}

const incomingWindow = 5000;
const outgoingWindow = 0x7fff_ffff;
const frameOverhead = 64;
const handleMax = 255;

/** An AMQP session on the broker's side: windows, delivery ids, and the links it carries. */
export class AmqpSession implements RequestOutput {
  readonly channel: number;
  readonly #connection: SessionOutput;
  readonly #links = new Map<number, SessionLink>();
  readonly #unsettled = new Map<number, Settlement>();
  readonly #dispositions: DispositionQueue;
  #blockedFrames: Buffer[][] = [];
  #nextIncomingId: number;
  #receivedSinceFlow = 0;
  #nextOutgoingId = 0;
  #nextDeliveryId = 0;
  #remoteWindow: number;

  constructor(connection: SessionOutput, channel: number, begin: Begin) {
    this.#connection = connection;
    this.channel = channel;
    this.#nextIncomingId = begin.nextOutgoingId;
    this.#remoteWindow = begin.incomingWindow;
    this.#dispositions = new DispositionQueue((fields) => {
      connection.sendFrame(channel, performative.disposition, fields);
    });
    connection.sendFrame(channel, performative.begin, [
      ushortValue(channel),
      uintValue(0),
      uintValue(incomingWindow),
      uintValue(outgoingWindow),
      uintValue(handleMax),
    ]);
  }

  get linkCount(): number {
    return this.#links.size;
  }

  get isBlocked(): boolean {
    return this.#isWindowClosed || this.#connection.isCongested;
  }

  get #isWindowClosed(): boolean {
    return this.#remoteWindow <= 0;
  }

  /** Handles one frame of this session; begin and end are the connection's affair. */
  receive(frame: Frame): void {
    switch (frame.code) {
      case performative.attach:
        this.#receiveAttach(frame);
        break;
      case performative.flow:
        this.#receiveFlow(frame);
        break;
      case performative.transfer:
        this.#receiveTransfer(frame);
        break;
      case performative.disposition:
        this.#receiveDisposition(readDisposition(frame.fields));
        break;
      case performative.detach:
        this.#link(readDetach(frame.fields).handle).peerDetached();
        break;
      default:
        throw new AmqpError(
          "amqp:not-implemented",
          `Unexpected frame 0x${frame.code.toString(16)}.`,
        );
    }
  }

  sendMessage(message: OutgoingMessage): void {
    const deliveryId = this.#nextDeliveryId;
    this.#nextDeliveryId = (deliveryId + 1) >>> 0;
    if (message.settlement !== undefined) {
      this.#unsettled.set(deliveryId, message.settlement);
    }
    this.#dispositions.flush();
    const limit = this.#connection.maxFrameSize - frameOverhead;
    let rest = message.message;
    do {
      const payload = rest.length > limit ? rest.subarray(0, limit) : rest;
      rest = rest.subarray(payload.length);
      const head = encodeTransfer(
        {
          channel: this.channel,
          handle: message.handle,
          deliveryId,
          tag: message.tag,
          isSettled: message.settlement === undefined,
          hasMore: rest.length > 0,
        },
        payload.length,
      );
      this.#sendWithinWindow([head, payload]);
    } while (rest.length > 0);
  }

  sendFlow(flow: LinkFlow | undefined): void {
    this.#receivedSinceFlow = 0;
    const fields = [
      uintValue(this.#nextIncomingId),
      uintValue(incomingWindow),
      uintValue(this.#nextOutgoingId),
      uintValue(outgoingWindow),
    ];
    if (flow !== undefined) {
      fields.push(
        uintValue(flow.handle),
        uintValue(flow.deliveryCount),
        uintValue(flow.credit),
        nullValue,
        booleanValue(flow.isDrain),
      );
    }
    this.#send(performative.flow, fields);
  }

  settle(delivery: SettledDelivery): void {
    this.#dispositions.add(delivery);
  }

  answerAttach(handle: number, fields: readonly Buffer[], link: SessionLink): void {
    this.#links.set(handle, link);
    this.#send(performative.attach, fields);
  }

  detach(handle: number, error: AmqpError): void {
    this.#links.set(handle, new ClosingLink(() => this.#links.delete(handle)));
    this.#send(performative.detach, [uintValue(handle), booleanValue(true), errorValue(error)]);
  }

  answerDetach(handle: number): void {
    this.#links.delete(handle);
    this.#send(performative.detach, [uintValue(handle), booleanValue(true)]);
  }

  /** Writes the dispositions that have gathered. */
  flush(): void {
    this.#dispositions.flush();
  }

  /** Tells the links that wait with messages that they can be sent now. */
  unblocked(): void {
    for (const link of this.#links.values()) {
      if (!this.isBlocked && link instanceof OutgoingLink) {
        link.unblocked();
      }
    }
  }

  /** Tells every link that the session is gone. */
  lost(): void {
    const links = [...this.#links.values()];
    this.#links.clear();
    this.#unsettled.clear();
    for (const link of links) {
      link.lost();
    }
  }

  #send(code: number, fields: readonly Buffer[]): void {
    this.#dispositions.flush();
    this.#connection.sendFrame(this.channel, code, fields);
  }

  #sendWithinWindow(frame: Buffer[]): void {
    if (this.#isWindowClosed) {
      this.#blockedFrames.push(frame);
      return;
    }
    this.#remoteWindow -= 1;
    this.#nextOutgoingId = (this.#nextOutgoingId + 1) >>> 0;
    for (const part of frame) {
      this.#connection.sendRaw(part);
    }
  }

  #receiveAttach(frame: Frame): void {
    const attach = readAttach(frame.fields);
    if (attach.handle > handleMax) {
      throw new AmqpError("amqp:resource-limit-exceeded", "A session has too many links.");
    }
    if (this.#links.has(attach.handle)) {
      throw new AmqpError("amqp:session:handle-in-use", `Handle ${attach.handle} is in use.`);
    }
    const request = new LinkRequest(this, attach);
    this.#links.set(attach.handle, request);
    this.#connection.linkRequested(request);
  }

  #receiveFlow(frame: Frame): void {
    const flow = readFlow(frame.fields);
    const sinceTheirs = (this.#nextOutgoingId - (flow.nextIncomingId ?? 0)) | 0;
    this.#remoteWindow = flow.incomingWindow - sinceTheirs;
    this.#sendBlocked();
    if (flow.handle !== undefined) {
      this.#link(flow.handle).flow(flow);
    }
  }

  #sendBlocked(): void {
    if (this.#blockedFrames.length === 0) {
      return;
    }
    const frames = this.#blockedFrames;
    this.#blockedFrames = [];
    for (const frame of frames) {
      this.#sendWithinWindow(frame);
    }
    this.unblocked();
  }

  #receiveTransfer(frame: Frame): void {
    const transfer = readTransfer(frame.fields);
    this.#nextIncomingId = (this.#nextIncomingId + 1) >>> 0;
    this.#receivedSinceFlow += 1;
    this.#link(transfer.handle).transfer(transfer, frame.payload);
    if (this.#receivedSinceFlow > incomingWindow / 2) {
      this.sendFlow(undefined);
    }
  }

  #receiveDisposition(disposition: Disposition): void {
    const outcome = readOutcome(disposition.state);
    // The peer as sender only confirms what we have settled already.
    if (!disposition.isReceiver) {
      return;
    }
    for (const deliveryId of this.#unsettledBetween(disposition.first, disposition.last)) {
      const settlement = this.#unsettled.get(deliveryId);
      if (settlement === undefined || (outcome === undefined && !disposition.settled)) {
        continue;
      }
      this.#unsettled.delete(deliveryId);
      const error = settlement(outcome ?? { kind: "accepted" });
      if (!disposition.settled && error !== unanswered) {
        const state = error === undefined ? acceptedState : rejectedState(error);
        this.settle({ isReceiver: false, deliveryId, state });
      }
    }
  }

  /** The ids from `first` to `last` that are open; a hostile range costs no more than those. */
  #unsettledBetween(first: number, last: number): number[] {
    const span = (last - first) >>> 0;
    if (span === 0) {
      return [first];
    }
    return [...this.#unsettled.keys()].filter((id) => (id - first) >>> 0 <= span);
  }

  #link(handle: number): SessionLink {
    const link = this.#links.get(handle);
    if (link === undefined) {
      throw new AmqpError("amqp:session:unattached-handle", `Handle ${handle} is not attached.`);
    }
    return link;
  }
}
