import { setMaxListeners } from "node:events";
import type { ServiceBusClient, ServiceBusSender } from "@azure/service-bus";
import type { Clock, Log } from "@fleetquake/contract";
import type { AmqpSocket } from "./amqp-socket.ts";
import type { BusConnection } from "./bus-connection.ts";
import { createServiceBusClient } from "./create-service-bus-client.ts";
import type { EndSignal } from "./operation-signal.ts";
import { reuseClaims } from "./reuse-claims.ts";
import { withDeadline } from "./with-deadline.ts";

/** The SDK's tidying up takes no longer, or it hangs. */
const CLOSE_TIMEOUT_IN_MS = 1_000;

export interface TransportOptions {
  readonly connection: BusConnection;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * One client of the SDK with one connection, for as long as that holds; it is never repaired, only replaced.
 *
 * The SDK would reconnect by itself, link by link, without telling. Whoever hears commands must know that a connection
 * was lost, since messages were lost with it; so that the first sign of trouble fails the whole transport, which ends
 * everything that the SDK still tries, and a new one takes its place.
 */
export class Transport implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #failure = new AbortController();
  readonly #sockets = new Set<AmqpSocket>();
  readonly #senders = new Map<string, ServiceBusSender>();
  readonly #opened = new Set<string>();
  #client: ServiceBusClient | undefined;
  #lastHeardInMs: number;
  #closing: Promise<void> | undefined;
  #fail: (reason: Error) => void = () => undefined;
  /** Resolves with the reason when the transport can no longer be used. */
  readonly failure = new Promise<Error>((resolve) => {
    this.#fail = resolve;
  });

  private constructor(options: TransportOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#lastHeardInMs = options.clock.monotonicInMs();
    // Every operation under way listens to it.
    setMaxListeners(0, this.#failure.signal);
  }

  /** A transport that is not connected yet: its first operation connects it. */
  static async create(options: TransportOptions): Promise<Transport> {
    const transport = new Transport(options);
    transport.#client = await createServiceBusClient(options.connection, {
      opened: (socket) => transport.#adopt(socket),
      heard: () => {
        transport.#lastHeardInMs = transport.#clock.monotonicInMs();
      },
      closed: (socket, error) => {
        transport.#sockets.delete(socket);
        transport.fail(error);
      },
    });
    reuseClaims(transport.#client, options.clock);
    return transport;
  }

  get client(): ServiceBusClient {
    if (this.#client === undefined) {
      throw new Error("The transport has no client yet");
    }
    return this.#client;
  }

  /** Fires once, with the error, when the transport can no longer be used. */
  get signal(): AbortSignal {
    return this.#failure.signal;
  }

  /** How long nothing came from the broker, not even an empty frame. */
  silentForInMs(): number {
    return this.#clock.monotonicInMs() - this.#lastHeardInMs;
  }

  /** Declares the transport lost: everything that uses it ends, the SDK's reconnecting too. */
  fail(reason: Error): void {
    if (!this.#failure.signal.aborted) {
      this.#fail(reason);
      this.#failure.abort(reason);
    }
  }

  /** The transport's one sender to a topic; its link is opened by the first use. */
  sender(topic: string): ServiceBusSender {
    const known = this.#senders.get(topic);
    if (known !== undefined) {
      return known;
    }
    const sender = this.client.createSender(topic);
    this.#senders.set(topic, sender);
    return sender;
  }

  /** Whether the link of a topic's sender was opened and nothing has been said against it since. */
  isSenderOpen(topic: string): boolean {
    return this.#opened.has(topic);
  }

  /** Opens the link of a topic's sender, so that the first message does not pay for it. */
  async openSender(topic: string, abortSignal: EndSignal): Promise<void> {
    this.#opened.delete(topic);
    await this.sender(topic).createMessageBatch({ abortSignal });
    this.#opened.add(topic);
  }

  /** The next publish opens the link again: a message has failed on it. */
  doubtSender(topic: string): void {
    this.#opened.delete(topic);
  }

  /** Ends the connection and leaves no socket and no timer behind; done within a second and a half. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * The SDK's own way to close asks the peer to agree to the end of each link and waits a minute for it, or for ever when
   * the connection breaks meanwhile, its timers armed. So the connection is ended first: then it only tidies up.
   */
  async #close(): Promise<void> {
    const closed = new Error("The connection to the bus was closed");
    this.fail(closed);
    // Whoever awaits this shall come to the next line, also when nothing else keeps the process alive.
    const keepAlive = setTimeout(() => undefined, CLOSE_TIMEOUT_IN_MS);
    try {
      await Promise.all([...this.#sockets].map((socket) => socket.hangUp(closed)));
      await withDeadline(
        {
          clock: this.#clock,
          timeoutInMs: CLOSE_TIMEOUT_IN_MS,
          subject: "the end of the client",
        },
        () => this.client.close(),
      );
    } catch (error) {
      this.#log.debug("bus-close-incomplete", { error: String(error) });
    }
    clearTimeout(keepAlive);
  }

  #adopt(socket: AmqpSocket): void {
    this.#sockets.add(socket);
    if (this.#failure.signal.aborted) {
      // In its constructor still: the SDK has not attached itself yet, and would wait for a minute.
      process.nextTick(() => void socket.hangUp(new Error("The connection was given up")));
    }
  }
}
