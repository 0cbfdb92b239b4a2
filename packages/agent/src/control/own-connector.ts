import { Socket, type NetConnectOpts } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { AbstractConnector } from "ioredis";
import { markAsOwn } from "../sockets/own-socket.ts";

/** How a control connection reaches its server. */
export interface OwnConnectorTarget {
  readonly address: NetConnectOpts;
  /** undefined: in the clear. */
  readonly tls: ConnectionOptions | undefined;
}

/** A socket of the agent's own, and what ioredis asks of a connector: the class is handed over, not an object. */
type OwnConnectorClass = new () => AbstractConnector;

/** After this span a socket that does not end is destroyed. */
const DISCONNECT_TIMEOUT_IN_MS = 200;

/**
 * Makes the connector of one control connection. Its sockets are marked as the agent's own before they connect, so
 * that the ledger of the same thread never takes them for the application's.
 */
export function ownConnector(target: OwnConnectorTarget): OwnConnectorClass {
  return class OwnConnector extends AbstractConnector {
    constructor() {
      super(DISCONNECT_TIMEOUT_IN_MS);
    }

    override connect(): Promise<Socket> {
      this.connecting = true;
      const socket = new Socket();
      markAsOwn(socket);
      socket.connect(target.address);
      this.stream = target.tls === undefined ? socket : connectTls({ ...target.tls, socket });
      this.stream.once("error", (error: Error) => (this.firstError = error));
      return Promise.resolve(this.stream);
    }
  };
}
