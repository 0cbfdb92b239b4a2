import { readCommandPublicKeys } from "@fleetquake/bus/command-key";
import { FAULTS, type Fault } from "@fleetquake/contract/plain";
import type { StartAgentOptions } from "./start-agent-options.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration of a preloaded agent, or everything that is wrong with it. */
export type AgentConfig =
  | { readonly ok: true; readonly options: StartAgentOptions }
  | { readonly ok: false; readonly mistakes: readonly string[] };

const REDIS_PORT = 6379;

/**
 * Reads the configuration of a preloaded agent from the environment. An empty variable is one that is not set.
 * Never throws and never puts a value that may be a secret into a mistake.
 */
export function loadAgentConfig(env: Environment): AgentConfig {
  const mistakes: string[] = [];
  const bus = readBus(env, mistakes);
  const labels = readLabels(env, mistakes);
  const allow = readAllow(env, mistakes);
  const redis = readRedis(env, mistakes);
  const commandPublicKey = readCommandKey(env, mistakes);
  const role = read(env, "FLEETQUAKE_ROLE");
  const { replicaId } = readIdentityEnvironment(env);
  if (mistakes.length > 0 || bus === null) {
    return { ok: false, mistakes };
  }
  return {
    ok: true,
    options: {
      bus,
      ...(role === undefined ? {} : { role }),
      ...(labels === undefined ? {} : { labels }),
      ...(allow === undefined ? {} : { allow }),
      ...(redis === undefined ? {} : { redis }),
      ...(replicaId === undefined ? {} : { replicaId }),
      ...(commandPublicKey === undefined ? {} : { commandPublicKey }),
    },
  };
}

/** What the environment says of this process's identity. */
export function readIdentityEnvironment(env: Environment): {
  readonly replicaId: string | undefined;
  readonly hostReplicaName: string | undefined;
} {
  return {
    replicaId: read(env, "FLEETQUAKE_REPLICA_ID"),
    hostReplicaName: read(env, "CONTAINER_APP_REPLICA_NAME"),
  };
}

function readBus(env: Environment, mistakes: string[]): StartAgentOptions["bus"] | null {
  const connectionString = read(env, "FLEETQUAKE_BUS_CONNECTION_STRING");
  const namespace = read(env, "FLEETQUAKE_BUS_NAMESPACE");
  if (connectionString !== undefined && namespace === undefined) {
    return { connectionString };
  }
  if (namespace !== undefined && connectionString === undefined) {
    return { namespace };
  }
  const both = "FLEETQUAKE_BUS_CONNECTION_STRING or FLEETQUAKE_BUS_NAMESPACE";
  mistakes.push(namespace === undefined ? `${both} must be set` : `${both}: set one, not both`);
  return null;
}

function readLabels(env: Environment, mistakes: string[]): Record<string, string> | undefined {
  const text = read(env, "FLEETQUAKE_LABELS");
  if (text === undefined) {
    return undefined;
  }
  const labels = new Map<string, string>();
  for (const pair of text.split(",")) {
    const split = pair.indexOf("=");
    const name = pair.slice(0, Math.max(split, 0)).trim();
    if (name === "") {
      mistakes.push(`FLEETQUAKE_LABELS must be name=value,…; ${JSON.stringify(pair)} is not`);
    } else {
      labels.set(name, pair.slice(split + 1).trim());
    }
  }
  return Object.fromEntries(labels);
}

function readAllow(env: Environment, mistakes: string[]): Fault[] | undefined {
  const text = read(env, "FLEETQUAKE_ALLOW");
  if (text === undefined) {
    return undefined;
  }
  const allow: Fault[] = [];
  for (const name of text === "none" ? [] : text.split(",")) {
    const fault = FAULTS.find((known) => known === name.trim());
    if (fault === undefined) {
      const known = FAULTS.join(", ");
      mistakes.push(
        `FLEETQUAKE_ALLOW must list ${known}, or be none; ${JSON.stringify(name)} is neither`,
      );
    } else {
      allow.push(fault);
    }
  }
  return allow;
}

function readRedis(env: Environment, mistakes: string[]): StartAgentOptions["redis"] {
  if (read(env, "REDIS_ENABLED")?.toLowerCase() === "false") {
    return false;
  }
  const url = read(env, "REDIS_URL");
  if (url !== undefined) {
    if (!/^rediss?:$/.test(URL.canParse(url) ? new URL(url).protocol : "")) {
      mistakes.push("REDIS_URL must be redis://… or rediss://…");
    }
    return { url };
  }
  const host = read(env, "REDIS_HOST");
  if (host === undefined) {
    return undefined;
  }
  const port = Number(read(env, "REDIS_PORT") ?? REDIS_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    mistakes.push("REDIS_PORT must be a port number");
  }
  return { host, port, ...(read(env, "REDIS_SSL")?.toLowerCase() === "true" ? { tls: true } : {}) };
}

function readCommandKey(env: Environment, mistakes: string[]): string | undefined {
  const text = read(env, "FLEETQUAKE_COMMAND_PUBLIC_KEY");
  if (text !== undefined) {
    try {
      readCommandPublicKeys(text);
    } catch (error) {
      mistakes.push(
        `FLEETQUAKE_COMMAND_PUBLIC_KEY must be ${error instanceof Error ? error.message : "a key"}`,
      );
    }
  }
  return text;
}

function read(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}
