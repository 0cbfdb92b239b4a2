import { readVariable, type Environment } from "./environment/environment-variable.ts";
import type { RedisPlace } from "./parse-redis-url.ts";
import { REDIS_VARIABLES } from "./redis-variables.ts";

/** How the sample's connections are made; spans in milliseconds. */
export interface RedisSettings extends RedisPlace {
  readonly enabled: boolean;
  readonly maxConnections: number;
  readonly socketTimeoutInMs: number;
  readonly connectTimeoutInMs: number;
  readonly maxRetries: number;
  readonly backoffBaseInMs: number;
  readonly backoffCapInMs: number;
}

/**
 * Reads the `REDIS_*` variables. Pure; the result is frozen.
 * Mistakes are added to `mistakes` by name; the settings are to be used only when there are none.
 */
export function readRedisSettings(environment: Environment, mistakes: string[]): RedisSettings {
  const variables = REDIS_VARIABLES;
  readVariable(environment, variables.cluster, mistakes);
  return Object.freeze({
    ...readPlace(environment, mistakes),
    enabled: readVariable(environment, variables.enabled, mistakes),
    maxConnections: readVariable(environment, variables.maxConnections, mistakes),
    socketTimeoutInMs: readVariable(environment, variables.socketTimeoutInMs, mistakes),
    connectTimeoutInMs: readVariable(environment, variables.connectTimeoutInMs, mistakes),
    maxRetries: readVariable(environment, variables.maxRetries, mistakes),
    backoffBaseInMs: readVariable(environment, variables.backoffBaseInMs, mistakes),
    backoffCapInMs: readVariable(environment, variables.backoffCapInMs, mistakes),
  });
}

function readPlace(environment: Environment, mistakes: string[]): RedisPlace {
  const url = readVariable(environment, REDIS_VARIABLES.url, mistakes);
  const parts: RedisPlace = {
    host: readVariable(environment, REDIS_VARIABLES.host, mistakes),
    port: readVariable(environment, REDIS_VARIABLES.port, mistakes),
    tls: readVariable(environment, REDIS_VARIABLES.tls, mistakes),
    username: null,
    password: null,
    database: 0,
  };
  return url ?? parts;
}
