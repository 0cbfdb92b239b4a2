import { connect as connectTcp, type NetConnectOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { AbstractConnector } from "ioredis";
import type { RedisTokens } from "../entra/redis-tokens.ts";
import type { ConnectOptions } from "./redis-client.ts";

/** What ioredis asks for a connector: a class, which it makes an object of for each client. */
type ConnectorClass = new (options: unknown) => AbstractConnector;

/** Without a token that is good the server can only refuse; but it is the one to say so. */
const TOKEN_PATIENCE_IN_MS = 10_000;
const DISCONNECT_TIMEOUT_IN_MS = 2_000;

/**
 * Makes the connector of clients that need a token: as ioredis' own, but nothing is connected while there is no token
 * that is good, up to 10 s. So a process starts before its first token is there, and an outage of Entra ID
 * does not become a storm of refused connections.
 */
export function tokenConnector(tokens: RedisTokens): ConnectorClass {
  return class TokenConnector extends AbstractConnector {
    readonly #options: ConnectOptions;
    #waiting: AbortController | null = null;

    /** ioredis hands over the client's options; where a client is copied, the copy's. */
    constructor(options: unknown) {
      const own: ConnectOptions = Object.assign({}, options);
      super(own.disconnectTimeout ?? DISCONNECT_TIMEOUT_IN_MS);
      this.#options = own;
    }

    override async connect(): Promise<Socket> {
      this.connecting = true;
      await this.#untilUsable();
      if (!this.connecting) {
        throw new Error("Connection is closed.");
      }
      const stream = openSocket(this.#options);
      stream.once("error", (error: Error) => (this.firstError = error));
      this.stream = stream;
      return stream;
    }

    override disconnect(): void {
      super.disconnect();
      this.#waiting?.abort();
    }

    async #untilUsable(): Promise<void> {
      const waiting = new AbortController();
      this.#waiting = waiting;
      const timer = setTimeout(() => waiting.abort(), TOKEN_PATIENCE_IN_MS);
      timer.unref();
      await tokens.whenUsable(waiting.signal);
      clearTimeout(timer);
      this.#waiting = null;
    }
  };
}

function openSocket({ host, port = 6_379, path, family, tls }: ConnectOptions): Socket {
  const target: NetConnectOpts = path
    ? { path }
    : {
        port,
        ...(host === undefined ? {} : { host }),
        ...(family === undefined ? {} : { family }),
      };
  return tls === undefined ? connectTcp(target) : connectTls({ ...target, ...tls });
}
