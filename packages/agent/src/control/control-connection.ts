import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { Clock } from "@fleetquake/contract";
import { Redis } from "ioredis";
import { formatAddress } from "../sockets/tracked-connection.ts";
import { within } from "../sockets/within.ts";
import type { ControlCredentials } from "./control-credentials.ts";
import { ownConnector } from "./own-connector.ts";
import type { RedisEndpoint } from "./redis-control.ts";

/** By this name the agent's connections are told from the application's in CLIENT LIST. */
export const CONTROL_NAME = "fleetquake-control";

export interface ControlConnectionOptions {
  readonly credentials: ControlCredentials;
  readonly clock: Clock;
}

/** One connection to one Redis server; it never reconnects by itself. */
export class ControlConnection {
  readonly #redis: Redis;
  readonly #clock: Clock;

  private constructor(redis: Redis, clock: Clock) {
    this.#redis = redis;
    this.#clock = clock;
    // Every failure comes out of the call that it concerns.
    redis.on("error", () => undefined);
  }

  /** @returns null when TLS is demanded and a password would go out in the clear. */
  static open(
    endpoint: RedisEndpoint,
    { credentials, clock }: ControlConnectionOptions,
  ): ControlConnection | null {
    const isInTheClear = !endpoint.tls && endpoint.port !== 0;
    if (isInTheClear && credentials.tls !== undefined && credentials.password !== undefined) {
      return null;
    }
    const tls = endpoint.tls ? tlsOptions(endpoint, credentials) : undefined;
    const address =
      endpoint.port === 0 ? { path: endpoint.host } : { host: endpoint.host, port: endpoint.port };
    const redis = new Redis({
      Connector: ownConnector({ address, tls }),
      // ioredis waits for the handshake of TLS only when it is told of TLS.
      ...(tls === undefined ? {} : { tls }),
      ...(credentials.username === undefined ? {} : { username: credentials.username }),
      ...(credentials.password === undefined ? {} : { password: credentials.password }),
      connectionName: CONTROL_NAME,
      protocol: 2,
      lazyConnect: true,
      disableClientInfo: true,
      enableReadyCheck: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: null,
    });
    return new ControlConnection(redis, clock);
  }

  /** Whether a further call has a chance: not closed, by us or by the server. */
  get isUsable(): boolean {
    return this.#redis.status !== "end" && this.#redis.status !== "close";
  }

  get localAddress(): string | null {
    const { localAddress, localPort } = this.#redis.stream ?? {};
    return localAddress === undefined || localPort === undefined
      ? null
      : formatAddress(localAddress, localPort);
  }

  /**
   * Sends commands in one go.
   * @returns a reply for each, an error in its place; null when a first one was refused, or nothing came in time.
   */
  async ask(
    commands: readonly (readonly string[])[],
    timeoutInMs: number,
  ): Promise<readonly unknown[] | null> {
    const replies = Promise.all(commands.map((command) => this.#send(command)));
    const answer = await within(replies, { clock: this.#clock, timeoutInMs });
    return answer === null || answer[0] instanceof Error ? null : answer;
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #send([name = "", ...args]: readonly string[]): Promise<unknown> {
    try {
      return await this.#redis.call(name, ...args);
    } catch (error) {
      return error instanceof Error ? error : new Error("not answered", { cause: error });
    }
  }
}

/** A socket shows its peer's address, a certificate bears the name that the user has configured. */
function tlsOptions(endpoint: RedisEndpoint, { host, tls }: ControlCredentials): ConnectionOptions {
  const name = host !== undefined && isIP(host) === 0 ? { servername: host } : {};
  return { host: endpoint.host, ...name, ...tls };
}
