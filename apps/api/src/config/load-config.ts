import type { BusConnection } from "@fleetquake/bus/connection";
import { readConnectionString } from "@fleetquake/bus/connection";
import type { BusTier, Fault } from "@fleetquake/contract";
import {
  readRedisSettings,
  readVariable,
  type Environment,
  type RedisSettings,
  type Secret,
} from "@fleetquake/redis";
import type { LogLevel } from "@fleetquake/telemetry";
import type { AccessSettings } from "../access/access-settings.ts";
import { API_VARIABLES } from "./api-variables.ts";
import { ConfigError } from "./config-error.ts";
import { readAccessSettings } from "./read-access-settings.ts";
import { readCommandKeys, type CommandKeys } from "./read-command-keys.ts";

/** Everything that the environment decides; safe to log, since what is secret masks itself. */
export interface ApiConfig {
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  /** One of the two is set. */
  readonly busConnectionString: Secret | null;
  readonly busNamespace: string | null;
  /** `embedded` for every emulator, whatever the environment says. */
  readonly busTier: BusTier;
  readonly coolDownInMs: number;
  readonly publicOrigins: readonly string[];
  /** null: no authentication; only where nobody else can reach this API. */
  readonly access: AccessSettings | null;
  readonly commandKeys: CommandKeys;
  readonly labels: Readonly<Record<string, string>>;
  readonly allow: readonly Fault[];
  /** null: host name and process id. */
  readonly replicaId: string | null;
  readonly redis: RedisSettings;
  /** null: nobody is told anything. */
  readonly insightsConnectionString: Secret | null;
  /** From 0 to 1. */
  readonly samplingRate: number;
}

/**
 * Reads the environment. Pure; the result is frozen.
 * @throws {ConfigError} that names every mistake at once.
 */
export function loadConfig(environment: Environment): ApiConfig {
  const mistakes: string[] = [];
  const config = readConfig(environment, mistakes);
  if (config.busConnectionString !== null && config.busNamespace !== null) {
    mistakes.push(
      "FLEETQUAKE_BUS_CONNECTION_STRING and FLEETQUAKE_BUS_NAMESPACE exclude each other",
    );
  }
  const isBusSet = [API_VARIABLES.busConnectionString, API_VARIABLES.busNamespace].some(
    ({ name }) => (environment[name]?.trim() ?? "") !== "",
  );
  if (!isBusSet) {
    mistakes.push("FLEETQUAKE_BUS_CONNECTION_STRING or FLEETQUAKE_BUS_NAMESPACE must be set");
  }
  if (mistakes.length > 0) {
    throw new ConfigError(mistakes);
  }
  return config;
}

function readConfig(environment: Environment, mistakes: string[]): ApiConfig {
  const variables = API_VARIABLES;
  const busConnectionString = readVariable(environment, variables.busConnectionString, mistakes);
  const namespaceTier = readVariable(environment, variables.busTier, mistakes);
  const host = readVariable(environment, variables.host, mistakes);
  return Object.freeze({
    host,
    port: readVariable(environment, variables.port, mistakes),
    logLevel: readVariable(environment, variables.logLevel, mistakes),
    busConnectionString,
    busNamespace: readVariable(environment, variables.busNamespace, mistakes),
    busTier: isEmulator(busConnectionString) ? "embedded" : namespaceTier,
    coolDownInMs: readVariable(environment, variables.coolDownInMs, mistakes),
    publicOrigins: readVariable(environment, variables.publicOrigins, mistakes),
    access: readAccessSettings(environment, host, mistakes),
    commandKeys: readCommandKeys(environment, mistakes),
    labels: readVariable(environment, variables.labels, mistakes),
    allow: readVariable(environment, variables.allow, mistakes),
    replicaId: readVariable(environment, variables.replicaId, mistakes),
    redis: readRedisSettings(environment, mistakes),
    insightsConnectionString: readVariable(
      environment,
      variables.insightsConnectionString,
      mistakes,
    ),
    samplingRate: readVariable(environment, variables.samplingRate, mistakes),
  });
}

/** Plain TCP, no metering. */
function isEmulator(connectionString: Secret | null): boolean {
  return (
    connectionString !== null &&
    readConnectionString(connectionString.reveal()).isDevelopmentEmulator
  );
}

/** How the bus adapter is told where the bus is. */
export function busConnectionOf(config: ApiConfig): BusConnection {
  if (config.busConnectionString !== null) {
    return { connectionString: config.busConnectionString.reveal() };
  }
  return { namespace: config.busNamespace ?? "" };
}
