/** One Redis server as the application's sockets reach it. */
export interface RedisEndpoint {
  /** Remote address as the socket shows it (`socket.remoteAddress`), or the path of a Unix socket. */
  readonly host: string;
  /** Remote port; 0 for a Unix socket. */
  readonly port: number;
  readonly tls: boolean;
}

/** One row of CLIENT LIST, see https://redis.io/docs/latest/commands/client-list/. */
export interface ClientRow {
  readonly id: string;
  /** `address:port` of the client as the server sees it. */
  readonly address: string;
  readonly name: string;
  readonly flags: string;
  readonly user: string;
  /** Commands queued in MULTI; -1 outside a transaction. */
  readonly multi: number;
  /** Watched keys; null where the server does not show it (before 7.4). */
  readonly watch: number | null;
  /** Subscriptions of all kinds. */
  readonly subscriptions: number;
  /** Bytes of the query buffer in use. */
  readonly queryBuffer: number;
  /** Bytes of the fixed output buffer in use, and length of the output list. */
  readonly outputBuffer: number;
  readonly outputList: number;
  readonly lastCommand: string;
}

/**
 * The agent's own connection to a Redis server: own credentials, lazy, closed when idle, named `fleetquake-control`,
 * never counted or closed as one of the application's. Every call has a deadline.
 */
export interface RedisControl extends AsyncDisposable {
  /**
   * CLIENT LIST, of all clients or of the given ids.
   * @returns null when this server cannot be asked (no credentials, no permission, no answer in time).
   */
  clientList(
    endpoint: RedisEndpoint,
    options: { readonly ids?: readonly string[]; readonly timeoutInMs: number },
  ): Promise<readonly ClientRow[] | null>;
  /** CLIENT UNBLOCK id TIMEOUT for each id; false when the server cannot be asked. */
  unblock(
    endpoint: RedisEndpoint,
    options: { readonly ids: readonly string[]; readonly timeoutInMs: number },
  ): Promise<boolean>;
  /** `local address:local port` of the control sockets that stand, so that no count includes them. */
  localAddresses(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** The control connection as both of its ends see it. */
export interface OwnClient {
  readonly id: string;
  /** As the server sees it. */
  readonly address: string;
  /** As the socket sees it; another one than `address` behind NAT or a proxy. */
  readonly localAddress: string | null;
}

/** A client of a server: the id of a row of CLIENT LIST together with its address. */
export type ClientName = Pick<ClientRow, "id" | "address">;

/** A control that may also close other clients' connections. */
export interface ClosingRedisControl extends RedisControl {
  /** CLIENT INFO; null when the server cannot be asked. */
  ownClient(
    endpoint: RedisEndpoint,
    options: { readonly timeoutInMs: number },
  ): Promise<OwnClient | null>;
  /**
   * CLIENT KILL by id and address together, so that an address that has changed hands is left alone; never the control
   * connection itself: asked for that one, it only finds out whether it is permitted.
   * @returns false when it is not permitted or not answered in time; connections may be closed all the same.
   */
  kill(
    endpoint: RedisEndpoint,
    options: { readonly clients: readonly ClientName[]; readonly timeoutInMs: number },
  ): Promise<boolean>;
}

/** A control whose credentials may change. */
export interface RenewableRedisControl extends ClosingRedisControl {
  /** Connections that are opened from now on use these; one that stands is not touched. */
  useCredentials(credentials: { readonly username: string; readonly password: string }): void;
}
