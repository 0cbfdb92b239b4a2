import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";

/** The password of the user `default` from now on: nobody gets in without one. */
const ADMIN_PASSWORD = "admin-of-the-test";

export interface StartManagedIdentityOptions {
  /** Ports of the Redis servers that take the tokens. */
  readonly ports: readonly number[];
  readonly lifeInSeconds: number;
}

/** How often AUTH, and HELLO with AUTH, were sent to the servers, and how many of them were refused. */
export interface Authentications {
  readonly repeated: number;
  readonly failed: number;
}

/**
 * The endpoint of a managed identity as Azure's hosts have it, and Redis servers that take its tokens as Azure's do:
 * the user is the identity's object id, the password any token that has not expired.
 */
export interface StartedManagedIdentity extends AsyncDisposable {
  /** What leads @azure/identity here. */
  readonly env: Readonly<Record<string, string>>;
  readonly objectId: string;
  readonly tokens: readonly string[];
  /** The client ids of the requests that have come, answered or not; null: none was named. */
  readonly requests: readonly (string | null)[];
  /** Milliseconds from a request to the token's issue. @default 0 */
  delayInMs: number;
  /** true: every request is answered 500. */
  isFailing: boolean;
  authentications(): Promise<Authentications>;
}

/** Starts the endpoint on a free port, and shuts the servers for everybody else. */
export async function startManagedIdentity(
  options: StartManagedIdentityOptions,
): Promise<StartedManagedIdentity> {
  const identity = new ManagedIdentity(options);
  await identity.start();
  return identity;
}

class ManagedIdentity implements StartedManagedIdentity {
  readonly objectId = randomUUID();
  readonly tokens: string[] = [];
  readonly requests: (string | null)[] = [];
  delayInMs = 0;
  isFailing = false;
  readonly #options: StartManagedIdentityOptions;
  readonly #secret = randomBytes(16).toString("hex");
  readonly #admins: readonly Redis[];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => this.#onError(error, response));
  });
  #isClosed = false;

  constructor(options: StartManagedIdentityOptions) {
    this.#options = options;
    this.#admins = options.ports.map(
      (port) => new Redis({ port, host: "127.0.0.1", connectionName: "test-admin" }),
    );
  }

  async start(): Promise<void> {
    await this.#onAll("ACL", "SETUSER", "default", `>${ADMIN_PASSWORD}`);
    for (const admin of this.#admins) {
      admin.options.password = ADMIN_PASSWORD;
    }
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get env(): Readonly<Record<string, string>> {
    const address = this.#server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    return {
      IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/token`,
      IDENTITY_HEADER: this.#secret,
    };
  }

  async authentications(): Promise<Authentications> {
    const counts = { repeated: 0, failed: 0 };
    for (const admin of this.#admins) {
      const stats = await admin.info("commandstats");
      counts.repeated += readCount(stats, "auth", "calls");
      counts.failed += readCount(stats, "auth", "failed_calls");
      counts.failed += readCount(stats, "hello", "failed_calls");
    }
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
    for (const admin of this.#admins) {
      admin.disconnect();
    }
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://127.0.0.1");
    this.requests.push(url.searchParams.get("client_id"));
    const isKnown =
      request.headers["x-identity-header"] === this.#secret &&
      url.searchParams.get("resource") === "https://redis.azure.com";
    await pause(this.delayInMs, undefined, { ref: false });
    if (!isKnown || this.isFailing) {
      response.writeHead(isKnown ? 500 : 400).end("{}");
      return;
    }
    const expiresOn = Math.round(Date.now() / 1_000) + this.#options.lifeInSeconds;
    const token = await this.#issue(expiresOn);
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        access_token: token,
        expires_on: expiresOn,
        resource: "https://redis.azure.com",
        token_type: "Bearer",
      }),
    );
  }

  async #issue(expiresOn: number): Promise<string> {
    const part = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = { oid: this.objectId, exp: expiresOn, jti: randomUUID() };
    const token = `${part({ alg: "none" })}.${part(claims)}.${randomBytes(24).toString("base64url")}`;
    await this.#onAll("ACL", "SETUSER", this.objectId, "on", `>${token}`, "~*", "&*", "+@all");
    this.tokens.push(token);
    const timer = setTimeout(
      () => {
        this.#expire(token).catch((error: unknown) => this.#onError(error));
      },
      expiresOn * 1_000 - Date.now(),
    );
    this.#timers.add(timer);
    return token;
  }

  async #expire(token: string): Promise<void> {
    await this.#onAll("ACL", "SETUSER", this.objectId, `<${token}`);
  }

  /** What is under way when the test ends finds its connections closed; anything else fails the test. */
  #onError(error: unknown, response?: ServerResponse): void {
    response?.destroy();
    if (!this.#isClosed) {
      throw error;
    }
  }

  async #onAll(command: string, ...args: readonly string[]): Promise<void> {
    await Promise.all(this.#admins.map((admin) => admin.call(command, ...args)));
  }
}

function readCount(stats: string, command: string, field: string): number {
  const line = new RegExp(`^cmdstat_${command}:(.*)$`, "m").exec(stats)?.[1] ?? "";
  return Number(new RegExp(`(?:^|,)${field}=(\\d+)`).exec(line)?.[1] ?? 0);
}
