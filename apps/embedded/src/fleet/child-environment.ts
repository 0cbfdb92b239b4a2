import { FAULTS } from "@fleetquake/contract/plain";

/** What the launcher decides for each process, whatever its own environment says. */
const DECIDED = [
  "FLEETQUAKE_APIS",
  "FLEETQUAKE_BUS_NAMESPACE",
  "FLEETQUAKE_REDIS_ENTRA",
  "FLEETQUAKE_REPLICA_ID",
  "FLEETQUAKE_ROLE",
  "FLEETQUAKE_WORKERS",
] as const;

/** Where an application finds its Redis, beside REDIS_URL. They must not lead away from a server of our own. */
const REDIS_PLACE = ["REDIS_HOST", "REDIS_PORT", "REDIS_SSL", "REDIS_CLUSTER"] as const;

/** What only an API may know: who may call it, and the key that signs commands. */
const OF_APIS = [
  "FLEETQUAKE_API_KEYS_READ",
  "FLEETQUAKE_API_KEYS_OPERATE",
  "FLEETQUAKE_API_AUDIENCE",
  "FLEETQUAKE_COMMAND_PRIVATE_KEY",
] as const;

export interface ChildEnvironmentOptions {
  readonly kind: "api" | "worker";
  readonly redisUrl: string;
  /** Whether the user named that server; then the user's other REDIS_* variables belong to it. */
  readonly isRedisGiven: boolean;
  readonly busConnectionString: string;
}

/**
 * The environment that all processes of a fleet share: the launcher's own, with Redis and the bus of this fleet. The
 * fleet is there to be tried out: it consents to every fault, unless FLEETQUAKE_ALLOW says otherwise.
 */
export function childEnvironment(
  base: NodeJS.ProcessEnv,
  options: ChildEnvironmentOptions,
): NodeJS.ProcessEnv {
  const dropped = new Set<string>([
    ...DECIDED,
    ...(options.isRedisGiven ? [] : REDIS_PLACE),
    ...(options.kind === "api" ? [] : OF_APIS),
  ]);
  const kept = Object.entries(base).filter(([name]) => !dropped.has(name));
  return {
    FLEETQUAKE_ALLOW: FAULTS.join(","),
    ...Object.fromEntries(kept),
    REDIS_URL: options.redisUrl,
    FLEETQUAKE_BUS_CONNECTION_STRING: options.busConnectionString,
  };
}
