import { readVariable, type Environment } from "./environment/environment-variable.ts";
import type { EntraSettings } from "./entra/azure-tokens.ts";
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

/** The port of Azure Managed Redis. */
const ENTRA_PORT = 10_000;

/**
 * Reads the `REDIS_*` variables and those of the Azure identity. Pure; the result is frozen.
 * Mistakes are added to `mistakes` by name; the settings are to be used only when there are none.
 */
export function readRedisSettings(environment: Environment, mistakes: string[]): RedisSettings {
  const variables = REDIS_VARIABLES;
  const place = readPlace(environment, mistakes);
  const enabled = readVariable(environment, variables.enabled, mistakes);
  return Object.freeze({
    ...place,
    // Who uses no Redis asks for no token.
    entra: enabled ? place.entra : null,
    enabled,
    maxConnections: readVariable(environment, variables.maxConnections, mistakes),
    socketTimeoutInMs: readVariable(environment, variables.socketTimeoutInMs, mistakes),
    connectTimeoutInMs: readVariable(environment, variables.connectTimeoutInMs, mistakes),
    maxRetries: readVariable(environment, variables.maxRetries, mistakes),
    backoffBaseInMs: readVariable(environment, variables.backoffBaseInMs, mistakes),
    backoffCapInMs: readVariable(environment, variables.backoffCapInMs, mistakes),
  });
}

function readPlace(environment: Environment, mistakes: string[]): RedisPlace {
  const variables = REDIS_VARIABLES;
  const url = readVariable(environment, variables.url, mistakes);
  const entra = readEntra(environment, mistakes);
  const cluster = readVariable(environment, variables.cluster, mistakes);
  const port = readVariable(environment, variables.port, mistakes);
  const tls = readVariable(environment, variables.tls, mistakes);
  const parts: RedisPlace = {
    host: readVariable(environment, variables.host, mistakes),
    port: entra !== null && !isSet(environment, variables.port) ? ENTRA_PORT : port,
    tls: entra !== null && !isSet(environment, variables.tls) ? true : tls,
    username: null,
    password: null,
    database: 0,
    cluster,
    entra,
  };
  if (url !== null && cluster && url.database !== 0) {
    mistakes.push("REDIS_URL must name no database, or 0, with REDIS_CLUSTER: a cluster has one");
  }
  return url === null ? parts : { ...url, cluster };
}

/** @returns null: no token of Entra ID is used. */
function readEntra(environment: Environment, mistakes: string[]): EntraSettings | null {
  const variables = REDIS_VARIABLES;
  const settings = {
    clientId: readVariable(environment, variables.clientId, mistakes),
    tenantId: readVariable(environment, variables.tenantId, mistakes),
    objectId: readVariable(environment, variables.objectId, mistakes),
  };
  const hasUrl = isSet(environment, variables.url);
  const wanted = readVariable(environment, variables.entra, mistakes);
  if (wanted === true && hasUrl) {
    mistakes.push(
      "FLEETQUAKE_REDIS_ENTRA and REDIS_URL exclude each other: say where the server is by REDIS_HOST",
    );
  }
  if (wanted === true && !isSet(environment, variables.host)) {
    mistakes.push("REDIS_HOST must be set with FLEETQUAKE_REDIS_ENTRA");
  }
  const isImplied =
    !hasUrl &&
    isSet(environment, variables.host) &&
    readVariable(environment, variables.tls, []) &&
    settings.clientId !== null;
  return (wanted ?? isImplied) ? settings : null;
}

function isSet(environment: Environment, { name }: { readonly name: string }): boolean {
  return (environment[name]?.trim() ?? "") !== "";
}
