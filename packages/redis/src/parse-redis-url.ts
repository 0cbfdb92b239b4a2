import type { ParsedText } from "./environment/environment-variable.ts";
import { Secret } from "./environment/secret.ts";
import type { EntraSettings } from "./entra/azure-tokens.ts";

/** Where a Redis server is and who we are there. */
export interface RedisPlace {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Null: the user `default`. */
  readonly username: string | null;
  /** Null: no AUTH. */
  readonly password: Secret | null;
  readonly database: number;
  /** Whether the server is one of a Redis Cluster, whose nodes are to be found out. */
  readonly cluster: boolean;
  /** Null: user and password as above; else a token of Entra ID takes their place. */
  readonly entra: EntraSettings | null;
}

const EXPECTED = "redis://[user:password@]host[:port][/database], or rediss:// for TLS";

/** Reads a Redis URL; what cannot be honoured (a query, a path that is no database) is refused, not ignored. */
export function parseRedisUrl(text: string): ParsedText<RedisPlace> {
  const url = URL.canParse(text) ? new URL(text) : null;
  const database = /^\/?(\d{0,5})$/.exec(url?.pathname ?? "-")?.[1];
  if (
    url === null ||
    database === undefined ||
    (url.protocol !== "redis:" && url.protocol !== "rediss:") ||
    url.hostname === "" ||
    url.search !== "" ||
    url.hash !== ""
  ) {
    return { ok: false, expected: EXPECTED };
  }
  const username = decode(url.username);
  const password = decode(url.password);
  if (username === null || password === null) {
    return { ok: false, expected: `${EXPECTED}, with user and password percent-encoded` };
  }
  return {
    ok: true,
    value: {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port === "" ? 6_379 : Number(url.port),
      tls: url.protocol === "rediss:",
      username: username === "" ? null : username,
      password: password === "" ? null : new Secret(password),
      database: Number(database),
      cluster: false,
      entra: null,
    },
  };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
