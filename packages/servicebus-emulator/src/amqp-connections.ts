import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";

import { AmqpConnection } from "./amqp/connection.ts";
import type { FlushQueue } from "./amqp/flush-queue.ts";
import type { FaultableConnections } from "./faults/fault.ts";
import { BrokerConnection, type BrokerParts } from "./nodes/broker-connection.ts";

const handshakeTimeoutInMs = 30_000;

/** The AMQP connections of a broker. */
export class AmqpConnections implements FaultableConnections {
  readonly #parts: BrokerParts;
  readonly #flushQueue: FlushQueue;
  readonly #open = new Map<AmqpConnection, BrokerConnection>();
  readonly #containerId = randomBytes(8).toString("hex");
  #isFrozen = false;
  #refusesNew = false;

  constructor(parts: BrokerParts, flushQueue: FlushQueue) {
    this.#parts = parts;
    this.#flushQueue = flushQueue;
  }

  /** Takes over a socket that starts with AMQP's protocol header. */
  accept(socket: Socket): void {
    if (this.#refusesNew) {
      socket.destroy();
      return;
    }
    const handler = new BrokerConnection(this.#parts, () => {
      this.#open.delete(connection);
    });
    const connection = new AmqpConnection({
      socket,
      containerId: this.#containerId,
      flushQueue: this.#flushQueue,
      handler,
    });
    this.#open.set(connection, handler);
    if (this.#isFrozen) {
      connection.freeze();
    }
  }

  freeze(): void {
    this.#isFrozen = true;
    for (const connection of this.#open.keys()) {
      connection.freeze();
    }
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const connection of this.#open.keys()) {
      connection.thaw();
    }
  }

  cutAll(): number {
    const connections = [...this.#open.keys()];
    for (const connection of connections) {
      connection.destroy();
    }
    return connections.length;
  }

  refuseNew(refusesNew: boolean): void {
    this.#refusesNew = refusesNew;
  }

  /** Keeps quiet connections alive, ends dead ones, and detaches links whose tokens expired. */
  sweep(): void {
    for (const [connection, handler] of this.#open) {
      connection.checkIdle(handshakeTimeoutInMs);
      handler.checkClaims();
    }
  }

  /** How many connections and links there are. */
  describe(): { readonly connections: number; readonly links: number } {
    let links = 0;
    for (const connection of this.#open.keys()) {
      links += connection.linkCount;
    }
    return { connections: this.#open.size, links };
  }
}
