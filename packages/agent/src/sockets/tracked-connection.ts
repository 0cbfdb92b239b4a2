import type { Socket } from "node:net";
import type { ConnectionKind } from "@fleetquake/contract";
import type { RedisEndpoint } from "../control/redis-control.ts";
import { plainAddress } from "./endpoint-set.ts";

/** Where a connection stands: `connecting` until TCP (or the Unix socket) is established. */
export type ConnectionPhase = "connecting" | "established" | "closed";

export interface TrackedConnectionOptions {
  /** Grows with every connection of a ledger. */
  readonly serial: number;
  /** The socket was open before the agent came. */
  readonly adopted: boolean;
  /** Path of the Unix socket; null for TCP. */
  readonly path: string | null;
}

/** One connection to Redis: a socket, and for TLS upon another socket the outer one. */
export class TrackedConnection {
  readonly socket: Socket;
  readonly serial: number;
  readonly adopted: boolean;
  readonly #path: string | null;
  kind: ConnectionKind = "unknown";
  /** Name of the first command that the application itself sent; null until one was seen. */
  firstCommand: string | null = null;

  constructor(socket: Socket, options: TrackedConnectionOptions) {
    this.socket = socket;
    this.serial = options.serial;
    this.adopted = options.adopted;
    this.#path = options.path;
  }

  /** Read from the socket, not from events: an application may have removed all listeners. */
  get phase(): ConnectionPhase {
    if (this.socket.destroyed) {
      return "closed";
    }
    return this.socket.connecting ? "connecting" : "established";
  }

  /** Whether the server has ever answered on this connection. */
  get hasReply(): boolean {
    return this.socket.bytesRead > 0;
  }

  get isTls(): boolean {
    return Reflect.get(this.socket, "encrypted") === true;
  }

  /** The server as the socket reaches it; null while it connects and after it is closed. */
  get endpoint(): RedisEndpoint | null {
    if (this.#path !== null) {
      return { host: this.#path, port: 0, tls: this.isTls };
    }
    const { remoteAddress, remotePort } = this.socket;
    return remoteAddress === undefined || remotePort === undefined
      ? null
      : { host: plainAddress(remoteAddress), port: remotePort, tls: this.isTls };
  }

  /** `address:port`, IPv6 in brackets, as Redis writes it in CLIENT LIST; null for Unix sockets and closed ones. */
  get localAddress(): string | null {
    const { localAddress, localPort } = this.socket;
    return localAddress === undefined || localPort === undefined
      ? null
      : formatAddress(localAddress, localPort);
  }
}

/** `10.0.0.1:6379`, `[::1]:6379`. */
export function formatAddress(address: string, port: number): string {
  const plain = plainAddress(address);
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}
