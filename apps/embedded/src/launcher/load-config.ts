import { StartRefusedError } from "./start-refused-error.ts";

/** What `npm start` is told by its environment. */
export interface LauncherConfig {
  /** Where the APIs listen. The API itself refuses an address other than loopback where nobody guards it. */
  readonly host: string;
  /** The first API's port; further APIs count up from it. */
  readonly port: number;
  readonly apis: number;
  readonly workers: number;
  /** A Redis server to use instead of an own one; null = find one. May contain a password. */
  readonly redisUrl: string | null;
}

interface IntegerRange {
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
}

/** The variables with their defaults and bounds; the README's table is held to this by a test. */
export const LAUNCHER_VARIABLES = {
  APP_PORT: { fallback: 8_000, least: 1, most: 65_535 },
  FLEETQUAKE_APIS: { fallback: 1, least: 1, most: 8 },
  FLEETQUAKE_WORKERS: { fallback: 3, least: 0, most: 64 },
} as const satisfies Record<string, IntegerRange>;

const DEFAULT_HOST = "127.0.0.1";
const REDIS_PROTOCOLS = new Set(["redis:", "rediss:"]);

/**
 * Reads the launcher's configuration. Pure; the result is frozen. An empty variable counts as not set.
 * @throws StartRefusedError that names all mistakes together, each with what would be right, never a secret.
 */
export function loadConfig(env: NodeJS.ProcessEnv): LauncherConfig {
  const mistakes: string[] = [];
  const integer = (name: keyof typeof LAUNCHER_VARIABLES): number =>
    readInteger(name, env[name], mistakes);
  const config = Object.freeze({
    host: env["FLEETQUAKE_HOST"] || DEFAULT_HOST,
    port: integer("APP_PORT"),
    apis: integer("FLEETQUAKE_APIS"),
    workers: integer("FLEETQUAKE_WORKERS"),
    redisUrl: readRedisUrl(env["REDIS_URL"], mistakes),
  });
  const lastPort = config.port + config.apis - 1;
  if (mistakes.length === 0 && lastPort > LAUNCHER_VARIABLES.APP_PORT.most) {
    mistakes.push(
      `APP_PORT=${config.port} with FLEETQUAKE_APIS=${config.apis} ends at port ${lastPort}, above 65535`,
    );
  }
  if (mistakes.length > 0) {
    throw new StartRefusedError(
      ["the configuration is wrong:", ...mistakes.map((mistake) => `    ${mistake}`)].join("\n"),
    );
  }
  return config;
}

function readInteger(
  name: keyof typeof LAUNCHER_VARIABLES,
  text: string | undefined,
  mistakes: string[],
): number {
  const { fallback, least, most } = LAUNCHER_VARIABLES[name];
  if (text === undefined || text === "") {
    return fallback;
  }
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) {
    return value;
  }
  mistakes.push(`${name}=${text} must be an integer from ${least} to ${most}`);
  return fallback;
}

function readRedisUrl(text: string | undefined, mistakes: string[]): string | null {
  if (text === undefined || text === "") {
    return null;
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !REDIS_PROTOCOLS.has(url.protocol) || url.hostname === "") {
    // The text is not repeated: it may hold a password, and where it stands in a malformed URL nobody knows.
    mistakes.push(
      "REDIS_URL must be a URL such as redis://host:6379 or rediss://user:password@host:6380",
    );
    return null;
  }
  return text;
}
