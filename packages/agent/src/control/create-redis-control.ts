import type { Clock, Timer } from "@fleetquake/contract";
import { systemClock } from "@fleetquake/contract";
import { ControlConnection } from "./control-connection.ts";
import {
  readControlCredentials,
  type ControlCredentials,
  type ControlCredentialsOptions,
} from "./control-credentials.ts";
import { parseClientList } from "./parse-client-list.ts";
import type {
  ClientName,
  ClientRow,
  RenewableRedisControl,
  OwnClient,
  RedisEndpoint,
} from "./redis-control.ts";

export interface RedisControlOptions extends ControlCredentialsOptions {
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** A control connection that nobody has used for so long is closed. */
const IDLE_CLOSE_IN_MS = 5_000;

/**
 * The control of all Redis servers that the application's sockets lead to: one connection per endpoint, opened by the
 * first call. A failed or late call answers null or false and closes its connection; the next call opens another one.
 * @throws {TypeError} when the url is none.
 */
export function createRedisControl(options: RedisControlOptions): RenewableRedisControl {
  return new EndpointControls(options);
}

interface OpenControl {
  readonly connection: ControlConnection;
  callsUnderWay: number;
  idle: Timer | null;
}

class EndpointControls implements RenewableRedisControl {
  #credentials: ControlCredentials;
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenControl>();
  #isClosed = false;

  constructor(options: RedisControlOptions) {
    this.#credentials = readControlCredentials(options);
    this.#clock = options.clock ?? systemClock;
  }

  useCredentials(credentials: { readonly username: string; readonly password: string }): void {
    this.#credentials = { ...this.#credentials, ...credentials };
  }

  async clientList(
    endpoint: RedisEndpoint,
    { ids, timeoutInMs }: { readonly ids?: readonly string[]; readonly timeoutInMs: number },
  ): Promise<readonly ClientRow[] | null> {
    if (ids?.length === 0) {
      return [];
    }
    const command = ids === undefined ? ["CLIENT", "LIST"] : ["CLIENT", "LIST", "ID", ...ids];
    const replies = await this.#ask(endpoint, [command], timeoutInMs);
    const reply = replies?.[0];
    return typeof reply === "string" ? parseClientList(reply) : null;
  }

  async unblock(
    endpoint: RedisEndpoint,
    { ids, timeoutInMs }: { readonly ids: readonly string[]; readonly timeoutInMs: number },
  ): Promise<boolean> {
    if (ids.length === 0) {
      return true;
    }
    const commands = ids.map((id) => ["CLIENT", "UNBLOCK", id, "TIMEOUT"]);
    const replies = await this.#ask(endpoint, commands, timeoutInMs);
    return replies !== null && !replies.some((reply) => reply instanceof Error);
  }

  async ownClient(
    endpoint: RedisEndpoint,
    { timeoutInMs }: { readonly timeoutInMs: number },
  ): Promise<OwnClient | null> {
    const replies = await this.#ask(endpoint, [["CLIENT", "INFO"]], timeoutInMs);
    const reply = replies?.[0];
    const row = typeof reply === "string" ? parseClientList(reply)[0] : undefined;
    const localAddress = this.#open.get(keyOf(endpoint))?.connection.localAddress ?? null;
    return row === undefined ? null : { id: row.id, address: row.address, localAddress };
  }

  async kill(
    endpoint: RedisEndpoint,
    {
      clients,
      timeoutInMs,
    }: { readonly clients: readonly ClientName[]; readonly timeoutInMs: number },
  ): Promise<boolean> {
    const commands = clients.map(({ id, address }) => killCommand(id, address));
    const replies = await this.#ask(endpoint, commands, timeoutInMs);
    return replies?.every((reply) => typeof reply === "number") ?? false;
  }

  localAddresses(): Promise<readonly string[]> {
    const addresses: string[] = [];
    for (const { connection } of this.#open.values()) {
      const address = connection.localAddress;
      if (address !== null) {
        addresses.push(address);
      }
    }
    return Promise.resolve(addresses);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const open = [...this.#open.keys()];
    for (const key of open) {
      this.#drop(key);
    }
    await Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @returns null when the server could not be asked; an error that it answers to one of several is in its place. */
  async #ask(
    endpoint: RedisEndpoint,
    commands: readonly (readonly string[])[],
    timeoutInMs: number,
  ): Promise<readonly unknown[] | null> {
    const key = keyOf(endpoint);
    const control = this.#isClosed ? null : this.#connect(key, endpoint);
    if (control === null) {
      return null;
    }
    control.idle?.cancel();
    control.callsUnderWay += 1;
    const replies = await control.connection.ask(commands, timeoutInMs);
    control.callsUnderWay -= 1;
    if (replies === null && this.#open.get(key) === control) {
      this.#drop(key);
    } else if (control.callsUnderWay === 0) {
      control.idle = this.#clock.after(IDLE_CLOSE_IN_MS, () => this.#drop(key));
    }
    return replies;
  }

  #connect(key: string, endpoint: RedisEndpoint): OpenControl | null {
    const existing = this.#open.get(key);
    if (existing?.connection.isUsable === true) {
      return existing;
    }
    this.#drop(key);
    const connection = ControlConnection.open(endpoint, {
      credentials: this.#credentials,
      clock: this.#clock,
    });
    if (connection === null) {
      return null;
    }
    const control: OpenControl = { connection, callsUnderWay: 0, idle: null };
    this.#open.set(key, control);
    return control;
  }

  #drop(key: string): void {
    const control = this.#open.get(key);
    control?.idle?.cancel();
    control?.connection.close();
    this.#open.delete(key);
  }
}

function keyOf({ host, port, tls }: RedisEndpoint): string {
  return `${host}\n${port}\n${tls}`;
}

function killCommand(id: string, address: string): readonly string[] {
  return ["CLIENT", "KILL", "ID", id, "ADDR", address, "SKIPME", "yes"];
}
