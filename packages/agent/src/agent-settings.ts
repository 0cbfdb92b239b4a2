import { readCommandPublicKeys } from "@fleetquake/bus/command-key";
import { busEndpoint } from "@fleetquake/bus/connection";
import { FAULTS, silentLog, type Log } from "@fleetquake/contract/plain";
import type { ReplicaReport } from "@fleetquake/replica";
import {
  readControlCredentials,
  type ControlCredentialsOptions,
} from "./control/control-credentials.ts";
import type { RedisTokenSource } from "./tokens/redis-token-source.ts";
import type { AgentBus, StartAgentOptions } from "./start-agent-options.ts";

/** Embedded brokers carry this easily; a fleet in Azure is slowed down by its API replicas' roll-calls. */
const HEARTBEAT_INTERVAL_IN_MS = 1_000;
/** The contract's bounds on names and on names of labels. */
const LONGEST_NAME = 256;
const LONGEST_LABEL_NAME = 63;

/** The options of an agent with every default filled in. */
export interface AgentSettings {
  readonly bus: AgentBus;
  readonly role: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allow: readonly string[];
  /** null: no control connection. */
  readonly redis: ControlCredentialsOptions | null;
  readonly usesRedis: boolean;
  /** null: the credentials do not change. */
  readonly redisTokens: RedisTokenSource | null;
  readonly replicaId: string | undefined;
  /** null: commands need no signature. */
  readonly commandPublicKey: string | null;
  readonly log: Log;
  readonly heartbeatIntervalInMs: number;
  /** null: nobody wants to know. */
  readonly onReport: ((report: ReplicaReport) => void) | null;
}

/**
 * Checks the options of an agent and fills in the defaults.
 * @throws {TypeError} naming every option that is wrong; no message holds a secret.
 */
export function agentSettings(options: StartAgentOptions): AgentSettings {
  const { bus, redis = null, role = "worker", labels = {}, allow = ["redis-reset"] } = options;
  const settings: AgentSettings = {
    bus: typeof bus === "string" ? { connectionString: bus } : bus,
    role,
    labels,
    allow,
    redis: redis === false ? null : redis,
    usesRedis: redis !== false,
    redisTokens: options.redisTokens ?? null,
    replicaId: options.replicaId,
    commandPublicKey: options.commandPublicKey ?? null,
    log: options.log ?? silentLog,
    heartbeatIntervalInMs: options.heartbeatIntervalInMs ?? HEARTBEAT_INTERVAL_IN_MS,
    onReport: options.onReport ?? null,
  };
  const mistakes = findMistakes(settings);
  if (mistakes.length > 0) {
    throw new TypeError(`The agent cannot start: ${mistakes.join("; ")}`);
  }
  return settings;
}

function findMistakes(settings: AgentSettings): string[] {
  const { role, labels, allow, replicaId, commandPublicKey, heartbeatIntervalInMs } = settings;
  const mistakes = [
    ...attempt("bus", () => busEndpoint(settings.bus)),
    ...attempt("redis", () => readControlCredentials(settings.redis ?? {})),
    ...attempt(
      "commandPublicKey",
      () => commandPublicKey === null || readCommandPublicKeys(commandPublicKey),
    ),
    // Both go to another thread: a function (a credential's, or one of the TLS options) would not arrive.
    ...attempt("bus, redis", () => structuredClone([settings.bus, settings.redis])),
  ];
  if ("credential" in settings.bus) {
    mistakes.push("bus: the agent uses DefaultAzureCredential, it cannot take a credential");
  }
  if (!isName(role)) {
    mistakes.push(`role must have 1 to ${LONGEST_NAME} characters`);
  }
  if (replicaId !== undefined && !isName(replicaId)) {
    mistakes.push(`replicaId must have 1 to ${LONGEST_NAME} characters`);
  }
  for (const [name, value] of Object.entries(labels)) {
    if (
      !isName(name, LONGEST_LABEL_NAME) ||
      typeof value !== "string" ||
      value.length > LONGEST_NAME
    ) {
      mistakes.push(
        `labels: ${JSON.stringify(name)} is too long, empty, or has no string for a value`,
      );
    }
  }
  for (const fault of allow) {
    if (!FAULTS.some((known) => known === fault)) {
      mistakes.push(`allow: ${JSON.stringify(fault)} is no fault; there are: ${FAULTS.join(", ")}`);
    }
  }
  if (!Number.isFinite(heartbeatIntervalInMs) || heartbeatIntervalInMs < 100) {
    mistakes.push("heartbeatIntervalInMs must be 100 or more");
  }
  return mistakes;
}

function isName(value: unknown, longest = LONGEST_NAME): boolean {
  return typeof value === "string" && value.length > 0 && value.length <= longest;
}

function attempt(option: string, check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [`${option}: ${error instanceof Error ? error.message : "is wrong"}`];
  }
}
