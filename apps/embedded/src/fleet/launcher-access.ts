import { createHash, randomBytes } from "node:crypto";

/** Set, each of them makes the APIs ask for credentials. */
const ACCESS = [
  "FLEETQUAKE_API_KEYS_READ",
  "FLEETQUAKE_API_KEYS_OPERATE",
  "FLEETQUAKE_API_AUDIENCE",
] as const;

const READERS = "FLEETQUAKE_API_KEYS_READ";
const KEY_BYTES = 32;

/** How the launcher itself asks the APIs that it starts. */
export interface LauncherAccess {
  /** Sent as X-API-Key; null where the APIs are open. */
  readonly key: string | null;
  /** What the APIs' environment needs beside the user's own. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Where the user guards the APIs, makes a key of the launcher's own, which may read and lives as long as the fleet.
 * The APIs are told its hash.
 */
export function launcherAccess(env: NodeJS.ProcessEnv): LauncherAccess {
  if (ACCESS.every((name) => (env[name]?.trim() ?? "") === "")) {
    return { key: null, env: {} };
  }
  const key = randomBytes(KEY_BYTES).toString("hex");
  const hash = createHash("sha256").update(key).digest("hex");
  const given = env[READERS]?.trim() ?? "";
  return { key, env: { [READERS]: `${given === "" ? "" : `${given},`}launcher=${hash}` } };
}
