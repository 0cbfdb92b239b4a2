import net from "node:net";
import tls from "node:tls";
import type { BusEndpoint } from "./bus-connection.ts";

/** Who wants to know what happens at the socket. */
export interface AmqpSocketObserver {
  opened(socket: AmqpSocket): void;
  /** Bytes came in. */
  heard(): void;
  closed(socket: AmqpSocket, error: Error): void;
}

/** What the SDK hands through to the socket's constructor. */
export interface AmqpSocketOptions {
  readonly endpoint: BusEndpoint;
  readonly observer: AmqpSocketObserver;
}

/** A network that swallows packets shall be tried again while it is being mended. */
const CONNECT_TIMEOUT_IN_MS = 3_000;

/** After our FIN the peer has this long to send its own. */
const LINGER_IN_MS = 500;

/**
 * The AMQP connection's socket, in the shape of a WebSocket, because that is the only place where the SDK lets its user
 * bring one (`webSocketOptions`). No WebSocket protocol is spoken: the bytes are the SDK's, the socket is TCP or TLS.
 *
 * The SDK's own socket cannot serve a fleet. It leaves Nagle's algorithm on, which against a broker that delays its ACKs
 * costs 40 ms per round trip; and it cannot be reached: after a broker froze, neither `close()` nor an abort signal ever
 * ends it, and the SDK does not tell when it is gone.
 */
export class AmqpSocket {
  onopen: ((event: unknown) => void) | null = null;
  onmessage: ((event: { readonly data: Buffer }) => void) | null = null;
  onclose: ((error?: Error) => void) | null = null;
  onerror: ((error: Error) => void) | null = null;
  readonly url: string;
  readonly #socket: net.Socket;
  readonly #observer: AmqpSocketObserver;
  #error: Error | undefined;
  #isCorked = false;
  #isTold = false;
  readonly #connecting: NodeJS.Timeout;
  #linger: NodeJS.Timeout | undefined;

  constructor(url: string, _protocols: unknown, options: AmqpSocketOptions) {
    this.url = url;
    this.#observer = options.observer;
    this.#socket = connect(options.endpoint);
    this.#socket.setNoDelay(true);
    this.#connecting = setTimeout(() => {
      this.#socket.destroy(new Error(`No connection within ${CONNECT_TIMEOUT_IN_MS} ms`));
    }, CONNECT_TIMEOUT_IN_MS);
    this.#socket.once("connect", () => clearTimeout(this.#connecting));
    this.#socket.once(options.endpoint.isTls ? "secureConnect" : "connect", () =>
      this.onopen?.({}),
    );
    this.#socket.on("data", (data) => {
      if (!this.#isTold) {
        this.#observer.heard();
        this.onmessage?.({ data });
      }
    });
    this.#socket.on("error", (error) => {
      this.#error = error;
    });
    this.#socket.once("close", () => {
      clearTimeout(this.#connecting);
      clearTimeout(this.#linger);
      this.#tellClosed();
    });
    this.#observer.opened(this);
  }

  /**
   * The SDK writes each AMQP frame by itself; what it writes within one turn of the event loop leaves in one segment.
   * Not within one tick: the credit that it gives back for a command and the answer to it are some ticks apart, and apart
   * they would cost the broker a read, a write and a wake-up more. The turn's end comes at once after what was read.
   */
  send(data: Uint8Array): void {
    if (this.#isTold) {
      return;
    }
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      setImmediate(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(data);
  }

  /** Sends what is still to be sent and ends the connection, if need be without the peer. */
  close(): void {
    if (this.#linger === undefined && !this.#socket.destroyed) {
      this.#socket.end();
      this.#linger = setTimeout(() => this.#socket.destroy(), LINGER_IN_MS);
    }
  }

  /**
   * The same, but the SDK is told at once that the connection is lost; resolves when the socket is gone.
   * From then on the SDK closes its links without asking the peer, who may be frozen and never answer.
   */
  hangUp(error: Error): Promise<void> {
    this.#error ??= error;
    const gone = new Promise<void>((resolve) => {
      if (this.#socket.closed) {
        resolve();
      } else {
        this.#socket.once("close", () => resolve());
      }
    });
    this.close();
    this.#tellClosed();
    return gone;
  }

  #tellClosed(): void {
    if (!this.#isTold) {
      this.#isTold = true;
      this.#error ??= new Error("The broker closed the connection");
      this.#observer.closed(this, this.#error);
      this.onclose?.(this.#error);
      // What it still had to say arms its idle timer of two minutes again, which only this disarms.
      setImmediate(() => this.onclose?.(this.#error));
    }
  }
}

function connect(endpoint: BusEndpoint): net.Socket {
  const { host, port } = endpoint;
  return endpoint.isTls
    ? tls.connect({ host, port, ...(net.isIP(host) === 0 ? { servername: host } : {}) })
    : net.connect({ host, port });
}
