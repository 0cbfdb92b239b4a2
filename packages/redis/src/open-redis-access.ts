import { silentLog, systemClock, type Clock, type Log } from "@fleetquake/contract/plain";
import { equipClient } from "./client/equip-client.ts";
import { makeClient } from "./client/make-client.ts";
import type { ConnectOptions, RedisClient } from "./client/redis-client.ts";
import { tokenConnector } from "./client/token-connector.ts";
import { azureTokens, type FetchToken } from "./entra/azure-tokens.ts";
import { LiveText } from "./entra/live-text.ts";
import type { RedisTokens } from "./entra/redis-tokens.ts";
import { TokenKeeper } from "./entra/token-keeper.ts";
import type { RedisPlace } from "./parse-redis-url.ts";

export interface OpenRedisAccessOptions {
  /** Hears of tokens that could not be refreshed, and of connections that could not be authenticated. @default nobody */
  readonly log?: Log;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** Where tokens come from, with Entra ID. @default DefaultAzureCredential of @azure/identity */
  readonly fetchToken?: FetchToken;
}

/** The way of one application to its Redis: makes clients that are authenticated, and stay so. */
export interface RedisAccess extends Disposable {
  /** null: the credentials do not change, or there are none. */
  readonly tokens: RedisTokens | null;
  /**
   * Makes a client; in cluster mode a client of the cluster, whose `retryStrategy` counts for the whole cluster.
   * Copies of it are kept authenticated like itself. Ending it is left to the caller.
   */
  connect(options: ConnectOptions): RedisClient;
  /** Lets no secret through: what stands in a text of a password is masked. */
  secrets(): readonly string[];
  /** Gets no further tokens; clients stay as they are. */
  [Symbol.dispose](): void;
}

/**
 * Opens the way to Redis. With Entra ID the first token is asked for now; clients connect as soon as it is there, and
 * @azure/identity is loaded only then.
 */
export function openRedisAccess(
  place: RedisPlace,
  options: OpenRedisAccessOptions = {},
): RedisAccess {
  if (place.entra === null) {
    return openFixedAccess(place);
  }
  const { log = silentLog, clock = systemClock, fetchToken = azureTokens(place.entra) } = options;
  const keeper = new TokenKeeper({ fetchToken, clock, log });
  void keeper.start();
  const credentials = {
    username: new LiveText(() => keeper.credentials?.username ?? "no-token-yet"),
    password: new LiveText(() => keeper.credentials?.password ?? "no-token-yet"),
  };
  const Connector = tokenConnector(keeper);
  return {
    tokens: keeper,
    connect: (own) =>
      equipClient(
        // ioredis takes them for texts, and makes texts of them where it needs them.
        makeClient(place, Object.assign({ ...own, Connector }, credentials)),
        { tokens: keeper, log },
      ),
    secrets: () => [keeper.newest, keeper.credentials].flatMap((known) => known?.password ?? []),
    [Symbol.dispose]: () => keeper[Symbol.dispose](),
  };
}

function openFixedAccess(place: RedisPlace): RedisAccess {
  const { username, password } = place;
  const credentials = {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password: password.reveal() }),
  };
  return {
    tokens: null,
    connect: (options) => equipClient(makeClient(place, { ...options, ...credentials }), null),
    secrets: () => (password === null ? [] : [password.reveal()]),
    [Symbol.dispose]: () => undefined,
  };
}
