import type { Socket } from "node:net";

import { AmqpError, asAmqpError } from "./amqp-error.ts";
import { nullValue, stringValue, uintValue, ushortValue } from "./encode-value.ts";
import { CorkedWriter } from "./corked-writer.ts";
import type { FlushQueue } from "./flush-queue.ts";
import {
  emptyFrame,
  emptyFrameCode,
  encodeFrame,
  type Frame,
  frameType,
  maxFrameSize,
  parseFrame,
  performative,
} from "./frame.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import { Handshake } from "./handshake.ts";
import type { LinkRequest } from "./link-request.ts";
import { errorValue } from "./outcome.ts";
import { readOpen } from "./performatives.ts";
import type { SessionOutput } from "./session.ts";
import { channelMax, SessionTable } from "./session-table.ts";

/** What the owner of a connection wants to hear. */
export interface ConnectionHandler {
  linkRequested(request: LinkRequest): void;
  /** The socket is closed and every link has heard that it ended. Called once. */
  closed(): void;
}

/** What a connection is built from. */
export interface ConnectionOptions {
  readonly socket: Socket;
  readonly containerId: string;
  readonly flushQueue: FlushQueue;
  readonly handler: ConnectionHandler;
}

/** Service Bus asks its clients for a sign of life every four minutes. */
const idleTimeoutInMs = 240_000;
/** No peer needs longer frames from us, whatever it says it takes. */
const longestFrameSent = 1_048_576;
const closeTimeoutInMs = 1000;
/** What may wait in memory for a peer that grants credit and does not read; in bytes. */
const congestionLimit = 4_194_304;

/** A client's connection, on the broker's side. */
export class AmqpConnection implements SessionOutput {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #splitter = new FrameSplitter();
  readonly #handshake: Handshake;
  readonly #sessions = new SessionTable(this);
  readonly #writer: CorkedWriter;
  #state: "handshake" | "open" | "closing" | "closed" = "handshake";
  #peerIdleTimeoutInMs: number | undefined;
  #peerMaxFrameSize = maxFrameSize;
  #lastReadAt: number;
  #isFrozen = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#lastReadAt = performance.now();
    this.#writer = new CorkedWriter(options.socket, options.flushQueue, () => {
      this.#sessions.flush();
    });
    this.#handshake = new Handshake((bytes) => {
      this.sendRaw(bytes);
    });
    options.socket.setNoDelay(true);
    options.socket.on("data", (chunk: Buffer) => {
      this.#receive(chunk);
    });
    options.socket.on("drain", () => {
      this.#drained();
    });
    for (const event of ["end", "error"]) {
      options.socket.on(event, () => options.socket.destroy());
    }
    options.socket.on("close", () => {
      this.#closed();
    });
  }

  get maxFrameSize(): number {
    return this.#peerMaxFrameSize;
  }

  get isCongested(): boolean {
    return this.#socket.writableLength > congestionLimit;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get linkCount(): number {
    return this.#sessions.linkCount;
  }

  /**
   * Keeps the connection alive, or ends it when the peer has been silent for twice the time it was
   * asked to stay within, or has not finished its opening within that of `handshakeTimeoutInMs`.
   */
  checkIdle(handshakeTimeoutInMs: number): void {
    const now = performance.now();
    if (this.#isFrozen) {
      return;
    }
    const silentInMs = now - this.#lastReadAt;
    const patience = this.#state === "open" ? 2 * idleTimeoutInMs : handshakeTimeoutInMs;
    if (silentInMs > patience) {
      this.destroy();
      return;
    }
    const limit = this.#peerIdleTimeoutInMs;
    if (this.isOpen && limit !== undefined && now - this.#writer.lastWriteAt > limit / 3) {
      this.sendRaw(emptyFrame);
    }
  }

  /** Neither reads nor writes: what comes stays with the kernel, what links have to say in memory. */
  freeze(): void {
    if (!this.#isFrozen) {
      this.#isFrozen = true;
      this.#socket.cork();
      this.#socket.pause();
    }
  }

  /** Handles what has come meanwhile. */
  thaw(): void {
    if (this.#isFrozen) {
      this.#isFrozen = false;
      this.#lastReadAt = performance.now();
      this.#socket.uncork();
      this.#socket.resume();
      this.#receiveAll();
    }
  }

  /** Cuts the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  sendFrame(channel: number, code: number, fields: readonly Buffer[]): void {
    this.sendRaw(encodeFrame({ type: frameType.amqp, channel, code }, fields));
  }

  sendRaw(bytes: Buffer): void {
    this.#writer.add(bytes);
  }

  linkRequested(request: LinkRequest): void {
    this.#options.handler.linkRequested(request);
  }

  #receive(chunk: Buffer): void {
    if (this.#state === "closing") {
      return;
    }
    this.#lastReadAt = performance.now();
    this.#splitter.push(chunk);
    // A socket that was just handed over may bring one more chunk after it was paused.
    if (!this.#isFrozen) {
      this.#receiveAll();
    }
    // Whoever asks on and on without reading the answers is not heard until he does.
    if (this.isCongested) {
      this.#socket.pause();
    }
  }

  #drained(): void {
    this.#sessions.unblocked();
    if (!this.#isFrozen) {
      this.#socket.resume();
    }
  }

  #receiveAll(): void {
    try {
      while (this.#state !== "closing" && this.#receiveNext()) {
        // Each round takes one header or frame from the bytes that have come.
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Handles the next header or frame; false when none is complete. */
  #receiveNext(): boolean {
    if (this.#handshake.expectsHeader) {
      return this.#handshake.takeHeader(this.#splitter);
    }
    const bytes = this.#splitter.nextFrame();
    if (bytes === undefined) {
      if (!this.#splitter.isEmpty) {
        this.#writer.oweAnswer();
      }
      return false;
    }
    const frame = parseFrame(bytes);
    if (!this.#handshake.isDone) {
      this.#handshake.receive(frame);
      return true;
    }
    if (frame.type !== frameType.amqp) {
      throw new AmqpError("amqp:connection:framing-error", "Expected an AMQP frame.");
    }
    // Heartbeats get no answer, else two such peers would keep each other busy.
    if (frame.code !== emptyFrameCode) {
      this.#oweAnswer(frame);
      this.#receiveFrame(frame);
    }
    return true;
  }

  #oweAnswer(frame: Frame): void {
    if (frame.code === performative.flow) {
      this.#writer.oweAnswerLater();
    } else {
      this.#writer.oweAnswer();
    }
  }

  #receiveFrame(frame: Frame): void {
    switch (frame.code) {
      case performative.open:
        this.#receiveOpen(frame);
        break;
      case performative.close:
        this.#close();
        break;
      default:
        if (!this.isOpen) {
          throw new AmqpError("amqp:not-allowed", "The connection is not open yet.");
        }
        this.#sessions.receive(frame);
    }
  }

  #receiveOpen(frame: Frame): void {
    if (this.#state !== "handshake") {
      throw new AmqpError("amqp:not-allowed", "The connection is open already.");
    }
    const open = readOpen(frame.fields);
    this.#peerMaxFrameSize = Math.min(open.maxFrameSize, longestFrameSent);
    this.#peerIdleTimeoutInMs = open.idleTimeoutInMs;
    this.#state = "open";
    this.sendFrame(0, performative.open, [
      stringValue(this.#options.containerId),
      nullValue,
      uintValue(maxFrameSize),
      ushortValue(channelMax),
      uintValue(idleTimeoutInMs),
    ]);
  }

  /** Closes with an error: what the peer sent is not AMQP, or not allowed at this point. */
  #fail(error: unknown): void {
    this.#close(asAmqpError(error));
  }

  #close(error?: AmqpError): void {
    if (this.#state === "closing") {
      return;
    }
    if (this.#state === "open") {
      this.#sessions.flush();
      this.sendFrame(0, performative.close, error === undefined ? [] : [errorValue(error)]);
    }
    this.#state = "closing";
    this.#writer.flushNow();
    this.#socket.end();
    setTimeout(() => {
      this.#socket.destroy();
    }, closeTimeoutInMs).unref();
  }

  #closed(): void {
    if (this.#state === "closed") {
      return;
    }
    this.#state = "closed";
    this.#sessions.lost();
    this.#options.handler.closed();
  }
}
