import { defineVariable } from "./environment/environment-variable.ts";
import { parseFlag, parseInteger, parseSeconds, parseText } from "./environment/parse-text.ts";
import { parseRedisUrl, type RedisPlace } from "./parse-redis-url.ts";

/** The variables of the sample's Redis connections, under the names of the original tool. */
export const REDIS_VARIABLES = {
  enabled: defineVariable<boolean>({
    name: "REDIS_ENABLED",
    meaning: "`false`: the application uses no Redis at all",
    fallback: true,
    fallbackText: "true",
    parse: parseFlag,
  }),
  url: defineVariable<RedisPlace | null>({
    name: "REDIS_URL",
    meaning:
      "`redis://` or `rediss://` with user, password, host, port and database; wins over host, port and SSL",
    fallback: null,
    fallbackText: "-",
    isSecret: true,
    parse: parseRedisUrl,
  }),
  host: defineVariable<string>({
    name: "REDIS_HOST",
    meaning: "host name or address",
    fallback: "127.0.0.1",
    fallbackText: "127.0.0.1",
    parse: parseText,
  }),
  port: defineVariable<number>({
    name: "REDIS_PORT",
    meaning: "port",
    fallback: 6_379,
    fallbackText: "6379, with Entra ID 10000",
    parse: parseInteger(1, 65_535),
  }),
  tls: defineVariable<boolean>({
    name: "REDIS_SSL",
    meaning: "`true`: TLS; the server's certificate is checked",
    fallback: false,
    fallbackText: "false, with Entra ID true",
    parse: parseFlag,
  }),
  cluster: defineVariable<boolean>({
    name: "REDIS_CLUSTER",
    meaning:
      "`true`: the server is one of a Redis Cluster, as Azure Managed Redis with OSS cluster policy",
    fallback: false,
    fallbackText: "false",
    parse: parseFlag,
  }),
  entra: defineVariable<boolean | null>({
    name: "FLEETQUAKE_REDIS_ENTRA",
    meaning:
      "`true`: the password is a token of the process's Azure identity, by DefaultAzureCredential",
    fallback: null,
    fallbackText:
      "true where REDIS_HOST, REDIS_SSL and AZURE_CLIENT_ID are set and REDIS_URL is not",
    parse: parseFlag,
  }),
  objectId: defineVariable<string | null>({
    name: "FLEETQUAKE_REDIS_OBJECT_ID",
    meaning: "with Entra ID: the user, which is the object id of the identity",
    fallback: null,
    fallbackText: "the token's `oid`",
    parse: parseText,
  }),
  clientId: defineVariable<string | null>({
    name: "AZURE_CLIENT_ID",
    meaning:
      "with Entra ID: the client id of a user-assigned managed identity or of an application",
    fallback: null,
    fallbackText: "the identity that the process has",
    parse: parseText,
  }),
  tenantId: defineVariable<string | null>({
    name: "AZURE_TENANT_ID",
    meaning: "with Entra ID: the identity's tenant",
    fallback: null,
    fallbackText: "the identity's own",
    parse: parseText,
  }),
  maxConnections: defineVariable<number>({
    name: "REDIS_MAX_CONNECTIONS",
    meaning: "how many connections the pool may open",
    fallback: 50,
    fallbackText: "50",
    parse: parseInteger(1, 10_000),
  }),
  socketTimeoutInMs: defineVariable<number>({
    name: "REDIS_SOCKET_TIMEOUT",
    meaning: "seconds that a command may wait for its reply, and an operation for a connection",
    fallback: 3_000,
    fallbackText: "3",
    parse: parseSeconds(0.05, 600),
  }),
  connectTimeoutInMs: defineVariable<number>({
    name: "REDIS_SOCKET_CONNECT_TIMEOUT",
    meaning: "seconds that a connection may take until it can be used",
    fallback: 3_000,
    fallbackText: "3",
    parse: parseSeconds(0.05, 600),
  }),
  maxRetries: defineVariable<number>({
    name: "REDIS_MAX_RETRIES",
    meaning: "how often a failed operation is tried again",
    fallback: 1,
    fallbackText: "1",
    parse: parseInteger(0, 20),
  }),
  backoffBaseInMs: defineVariable<number>({
    name: "REDIS_BACKOFF_BASE",
    meaning: "seconds before the first retry; doubles with each further one",
    fallback: 1_000,
    fallbackText: "1",
    parse: parseSeconds(0, 600),
  }),
  backoffCapInMs: defineVariable<number>({
    name: "REDIS_BACKOFF_CAP",
    meaning: "the longest wait between two tries in seconds",
    fallback: 3_000,
    fallbackText: "3",
    parse: parseSeconds(0, 600),
  }),
} as const;
