import type { Socket } from "node:net";
import { EndpointSet, type EndpointName } from "./endpoint-set.ts";
import { isOwn } from "./own-socket.ts";
import { sniffConnection } from "./sniff-connection.ts";
import type { WriteTap } from "./tap-writes.ts";
import { TrackedConnection } from "./tracked-connection.ts";

/** A socket that has not shown yet whether it leads to Redis. */
interface Candidate {
  readonly socket: Socket;
  readonly target: EndpointName | null;
  readonly adopted: boolean;
  readonly tap: WriteTap;
}

/** Learns when connections to Redis come and go. */
export interface LedgerListener {
  onOpened(connection: TrackedConnection): void;
  onClosed(connection: TrackedConnection, hadError: boolean): void;
}

export interface ConsiderOptions {
  /** Where the socket connects to; null when that is not known. */
  readonly target: EndpointName | null;
  /** The socket was open before the agent came. */
  readonly adopted: boolean;
}

/** Candidates are looked through for closed ones when there are twice as many as the last time, and at least these. */
const FIRST_SWEEP = 64;

/**
 * The sockets through which one replica talks to Redis.
 *
 * A simulated replica adds its sockets itself; for a whole process `trackProcessSockets` feeds the ledger.
 */
export class SocketLedger {
  readonly endpoints = new EndpointSet();
  /** Whether every socket of the process comes by here: only then is a socket that the kernel shows `unseen`. */
  tracksProcess = false;
  readonly #connections = new Map<Socket, TrackedConnection>();
  readonly #candidates = new Map<Socket, Candidate>();
  readonly #listeners = new Set<LedgerListener>();
  #serial = 0;
  #sweepAt = FIRST_SWEEP;

  /** Takes a socket in as a connection to Redis, connecting or established; harmless when it is known. */
  add(socket: Socket): void {
    if (!isOwn(socket)) {
      this.#take(socket, { target: null, adopted: false });
    }
  }

  /** Takes a socket in once it shows that it leads to Redis: by its endpoint or by its first bytes. */
  consider(socket: Socket, options: ConsiderOptions): void {
    if (isOwn(socket) || this.#candidates.has(socket)) {
      return;
    }
    if (this.#connections.has(socket)) {
      // Connecting the same socket object again is a new connection.
      this.#remove(socket, false);
    }
    if (this.#leadsToRedis(socket, options.target)) {
      this.#take(socket, options);
      return;
    }
    this.#sweep();
    this.#candidates.set(socket, { socket, ...options, tap: this.#sniff(socket) });
  }

  /** Forgets a socket without closing it: another one stands for the same connection. */
  forget(socket: Socket): EndpointName | null {
    const candidate = this.#candidates.get(socket);
    candidate?.tap.release();
    this.#candidates.delete(socket);
    this.#remove(socket, false);
    return candidate?.target ?? null;
  }

  /** The connections that stand or are being opened, oldest first. */
  connections(): TrackedConnection[] {
    this.#promote();
    const live: TrackedConnection[] = [];
    for (const connection of this.#connections.values()) {
      if (connection.phase === "closed") {
        this.#remove(connection.socket, false);
      } else {
        live.push(connection);
      }
    }
    return live;
  }

  /** Sockets older than the agent of which it cannot tell whether they lead to Redis. */
  unclassifiedAdopted(): number {
    this.#promote();
    let count = 0;
    for (const { socket, adopted } of this.#candidates.values()) {
      // A pipe has no peer: the standard streams of a child process, never Redis over TCP.
      count += adopted && !socket.destroyed && socket.remoteAddress !== undefined ? 1 : 0;
    }
    return count;
  }

  /** Every open socket that is known by its address here, Redis or not. */
  *sockets(): Generator<Socket> {
    yield* this.#connections.keys();
    yield* this.#candidates.keys();
  }

  /** How many connections there have been; a connection is new when its serial is above an earlier value. */
  get lastSerial(): number {
    return this.#serial;
  }

  /** @returns ends it. */
  observe(listener: LedgerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #sniff(socket: Socket): WriteTap {
    return sniffConnection(socket, {
      onProtocol: (isRedis) => this.#decide(socket, isRedis),
      onKind: (kind) => this.#update(socket, (connection) => (connection.kind = kind)),
      onApplicationCommand: (name) =>
        this.#update(socket, (connection) => (connection.firstCommand ??= name)),
    });
  }

  #decide(socket: Socket, isRedis: boolean): void {
    const candidate = this.#candidates.get(socket);
    this.#candidates.delete(socket);
    if (candidate !== undefined && isRedis) {
      this.#keep(socket, candidate);
    }
  }

  #update(socket: Socket, change: (connection: TrackedConnection) => void): void {
    const connection = this.#connections.get(socket);
    if (connection !== undefined) {
      change(connection);
    }
  }

  /** A connection that is Redis without having written: its kind is still to be seen. */
  #take(socket: Socket, options: ConsiderOptions): void {
    if (this.#connections.has(socket)) {
      return;
    }
    this.#sniff(socket);
    this.#keep(socket, options);
  }

  #keep(socket: Socket, { target, adopted }: ConsiderOptions): void {
    this.#serial += 1;
    const path = target?.port === 0 ? target.host : null;
    const connection = new TrackedConnection(socket, { serial: this.#serial, adopted, path });
    this.#connections.set(socket, connection);
    socket.once("close", (hadError: boolean) => {
      if (this.#connections.get(socket) === connection) {
        this.#remove(socket, hadError);
      }
    });
    if (socket.connecting) {
      socket.once("connect", () => this.#learn(connection, target));
    } else {
      this.#learn(connection, target);
    }
    for (const listener of this.#listeners) {
      listener.onOpened(connection);
    }
  }

  /** Both the name that the application uses and the address behind it lead to Redis from now on. */
  #learn(connection: TrackedConnection, target: EndpointName | null): void {
    if (target !== null) {
      this.endpoints.add(target);
    }
    const { endpoint } = connection;
    if (endpoint !== null) {
      this.endpoints.add(endpoint);
    }
  }

  #remove(socket: Socket, hadError: boolean): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined) {
      return;
    }
    this.#connections.delete(socket);
    for (const listener of this.#listeners) {
      listener.onClosed(connection, hadError);
    }
  }

  #leadsToRedis(socket: Socket, target: EndpointName | null): boolean {
    if (target !== null && this.endpoints.has(target)) {
      return true;
    }
    const { remoteAddress, remotePort } = socket;
    return (
      remoteAddress !== undefined &&
      remotePort !== undefined &&
      this.endpoints.has({ host: remoteAddress, port: remotePort })
    );
  }

  /** Endpoints are learnt: a candidate may turn out to lead to one. */
  #promote(): void {
    for (const candidate of this.#candidates.values()) {
      const { socket, target } = candidate;
      if (socket.destroyed) {
        this.#candidates.delete(socket);
      } else if (this.#leadsToRedis(socket, target)) {
        // Its tap lives on and now serves the connection.
        this.#candidates.delete(socket);
        this.#keep(socket, candidate);
      }
    }
  }

  #sweep(): void {
    if (this.#candidates.size < this.#sweepAt) {
      return;
    }
    this.#promote();
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#candidates.size);
  }
}
