import type { Log } from "@fleetquake/contract/plain";
import { Command, type Redis } from "ioredis";
import type { RedisTokens } from "../entra/redis-tokens.ts";

type SendCommand = Redis["sendCommand"];

export interface ClientAuthenticationOptions {
  readonly tokens: RedisTokens;
  readonly log: Log;
}

/**
 * Authenticates a client's live connection again whenever the token has changed: the server ends a connection whose
 * token has expired.
 *
 * At once where nothing stands in the way. A connection that waits in a blocking command would get to AUTH only after
 * it, when the token may be old again; one in a transaction would lose it: there AUTH goes just before the next
 * command that may follow it. A reconnect needs nothing: it uses the newest token by itself.
 */
export class ClientAuthentication {
  readonly #client: Redis;
  readonly #options: ClientAuthenticationOptions;
  readonly #send: SendCommand;
  /** AUTH of ours; ioredis sends again what a lost connection has not answered, and these would be old. */
  readonly #own = new WeakSet<Command>();
  readonly #blocking = new Set<Command>();
  #generation = 0;
  #isInTransaction = false;
  #stopListening: (() => void) | null = null;

  constructor(client: Redis, options: ClientAuthenticationOptions) {
    this.#client = client;
    this.#options = options;
    this.#send = client.sendCommand.bind(client);
  }

  /** Begins; to be called once, right after the client was made. */
  attach(): void {
    const client = this.#client;
    client.sendCommand = (command, stream) => this.#pass(command, stream);
    client.on("connect", () => this.#begin());
    client.on("ready", () => this.renew());
    client.on("end", () => this.#end());
  }

  /** Authenticates again if the token has changed and nothing stands in the way. */
  renew(): void {
    const { tokens } = this.#options;
    const { credentials } = tokens;
    const isOutdated = this.#generation !== tokens.generation;
    if (!isOutdated || credentials === null || this.#client.status !== "ready") {
      return;
    }
    if (this.#blocking.size > 0 || this.#isInTransaction) {
      return;
    }
    this.#generation = tokens.generation;
    if (this.#client.mode === "subscriber" && this.#client.options.protocol === 2) {
      // RESP2 takes no AUTH from a subscriber; it subscribes again by itself.
      this.#client.disconnect(true);
      return;
    }
    const command = new Command("auth", [credentials.username, credentials.password]);
    this.#own.add(command);
    void this.#settle(command);
    this.#send(command);
  }

  async #settle(command: Command): Promise<void> {
    try {
      await command.promise;
    } catch (error) {
      // The error carries the token in its command: only what the server says of it is told.
      const why = error instanceof Error ? error.message : "unknown";
      this.#options.log.warn("redis-reauthentication-failed", { error: why });
    }
  }

  /** A new connection has just written its handshake, with what is newest. */
  #begin(): void {
    this.#generation = this.#options.tokens.generation;
    this.#isInTransaction = false;
    this.#stopListening ??= this.#options.tokens.onChange(() => this.renew());
  }

  /** Whoever makes no further connection by itself is not kept in mind. */
  #end(): void {
    this.#stopListening?.();
    this.#stopListening = null;
  }

  #pass(command: Command, stream: Parameters<SendCommand>[1]): unknown {
    if (this.#own.has(command)) {
      command.resolve("OK");
      return command.promise;
    }
    if (stream === undefined) {
      this.renew();
    }
    this.#note(command);
    return this.#send(command, stream);
  }

  #note(command: Command): void {
    const name = command.name.toLowerCase();
    if (name === "multi") {
      this.#isInTransaction = true;
    } else if (name === "exec" || name === "discard") {
      this.#isInTransaction = false;
    } else if (Command.checkFlag("BLOCKING_COMMANDS", name)) {
      this.#blocking.add(command);
      void this.#unblock(command);
    }
  }

  async #unblock(command: Command): Promise<void> {
    try {
      await command.promise;
    } catch {
      // Whoever sent it hears of it; here it only counts that nothing blocks any more.
    }
    this.#blocking.delete(command);
    this.renew();
  }
}
