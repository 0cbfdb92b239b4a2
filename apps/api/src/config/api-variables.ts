import { isIP } from "node:net";
import { FAULTS, type BusTier, type Fault } from "@fleetquake/contract";
import {
  defineVariable,
  parseInteger,
  parseOneOf,
  parseText,
  type ParsedText,
  Secret,
} from "@fleetquake/redis";
import { readConnectionString } from "@fleetquake/bus/connection";
import {
  LOG_LEVELS,
  parseInsightsConnectionString,
  parseSamplingRate,
  type LogLevel,
} from "@fleetquake/telemetry";
import { ACCESS_VARIABLES } from "./access-variables.ts";
import { parseLabels, parseOrigins } from "./parse-list.ts";

/** Of the tiers with topics; reading it from the namespace would need rights on all of it. */
const NAMESPACE_TIERS = ["standard", "premium"] as const satisfies readonly BusTier[];

type NamespaceTier = (typeof NAMESPACE_TIERS)[number];

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** The variables of the API itself; those of its Redis connections are in packages/redis. */
export const API_VARIABLES = {
  host: defineVariable({
    name: "FLEETQUAKE_HOST",
    meaning:
      "address to listen on; anything but loopback (127.0.0.1, ::1, localhost) only with authentication",
    fallback: "127.0.0.1",
    fallbackText: "127.0.0.1",
    parse: parseHost,
  }),
  port: defineVariable({
    name: "APP_PORT",
    meaning: "port to listen on; 0 = a free one",
    fallback: 8_000,
    fallbackText: "8000",
    parse: parseInteger(0, 65_535),
  }),
  logLevel: defineVariable<LogLevel>({
    name: "LOG_LEVEL",
    meaning: "fatal, error, warn, info, debug, trace or silent",
    fallback: "info",
    fallbackText: "info",
    parse: (text) => parseOneOf(LOG_LEVELS)(text.toLowerCase() === "warning" ? "warn" : text),
  }),
  busConnectionString: defineVariable<Secret | null>({
    name: "FLEETQUAKE_BUS_CONNECTION_STRING",
    meaning: "Service Bus connection string; this or the namespace",
    fallback: null,
    fallbackText: "-",
    isSecret: true,
    parse: parseConnectionString,
  }),
  busNamespace: defineVariable<string | null>({
    name: "FLEETQUAKE_BUS_NAMESPACE",
    meaning:
      "Service Bus namespace (`fleet.servicebus.windows.net`), with the process's Azure identity",
    fallback: null,
    fallbackText: "-",
    parse: parseNamespace,
  }),
  busTier: defineVariable<NamespaceTier>({
    name: "FLEETQUAKE_BUS_TIER",
    meaning:
      "tier of that namespace, standard or premium: how often replicas report, and how long a reset is given at least",
    fallback: "standard",
    fallbackText: "standard",
    parse: parseOneOf(NAMESPACE_TIERS),
  }),
  coolDownInMs: defineVariable({
    name: "FLEETQUAKE_RESET_COOLDOWN_MS",
    meaning: "milliseconds from an accepted reset to the next; the same for all API replicas",
    fallback: 5_000,
    fallbackText: "5000",
    parse: parseInteger(0, 3_600_000),
  }),
  publicOrigins: defineVariable<readonly string[]>({
    name: "FLEETQUAKE_PUBLIC_ORIGINS",
    meaning: "further origins that this API is reached by and that may write, separated by commas",
    fallback: [],
    fallbackText: "-",
    parse: parseOrigins,
  }),
  ...ACCESS_VARIABLES,
  insightsConnectionString: defineVariable<Secret | null>({
    name: "APPLICATIONINSIGHTS_CONNECTION_STRING",
    meaning: "Application Insights to tell what happens; without it nothing is loaded or sent",
    fallback: null,
    fallbackText: "-",
    isSecret: true,
    parse: parseInsights,
  }),
  samplingRate: defineVariable({
    name: "TELEMETRY_SAMPLING_RATE",
    meaning:
      "share of requests and dependencies that is sent there, 0 to 1; faults, their events and errors always are",
    fallback: 1,
    fallbackText: "1",
    parse: parseSamplingRate,
  }),
  labels: defineVariable<Readonly<Record<string, string>>>({
    name: "FLEETQUAKE_LABELS",
    meaning: "labels of this process as a replica: `zone=1,ring=canary`",
    fallback: {},
    fallbackText: "-",
    parse: parseLabels,
  }),
  allow: defineVariable<readonly Fault[]>({
    name: "FLEETQUAKE_ALLOW",
    meaning: "faults that this process consents to, separated by commas, or `none`",
    fallback: ["redis-reset"],
    fallbackText: "redis-reset",
    parse: parseAllow,
  }),
  replicaId: defineVariable<string | null>({
    name: "FLEETQUAKE_REPLICA_ID",
    meaning: "this process's id in the fleet, unique; else host name and process id",
    fallback: null,
    fallbackText: "-",
    parse: parseReplicaId,
  }),
} as const;

/** An IP address or a host name; whether others can reach it is looked at when it is known who may call. */
function parseHost(text: string): ParsedText<string> {
  const name = text.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (isIP(name) === 0 && !HOST_NAME.test(name)) {
    return { ok: false, expected: "an address to listen on, such as 127.0.0.1, ::1 or 0.0.0.0" };
  }
  return { ok: true, value: name === "localhost" ? "127.0.0.1" : name };
}

function parseConnectionString(text: string): ParsedText<Secret> {
  try {
    readConnectionString(text);
    return { ok: true, value: new Secret(text) };
  } catch (error) {
    const why = error instanceof Error ? ` (${error.message})` : "";
    return {
      ok: false,
      expected: `Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…${why}`,
    };
  }
}

function parseInsights(text: string): ParsedText<Secret> {
  const parsed = parseInsightsConnectionString(text);
  return parsed.ok ? { ok: true, value: new Secret(parsed.value) } : parsed;
}

function parseNamespace(text: string): ParsedText<string> {
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(text)
    ? parseText(text)
    : { ok: false, expected: "a host name such as fleet.servicebus.windows.net" };
}

function parseAllow(text: string): ParsedText<readonly Fault[]> {
  const names = text === "none" ? [] : text.split(",").map((name) => name.trim());
  const faults = FAULTS.filter((fault) => names.includes(fault));
  return names.every((name) => FAULTS.some((fault) => fault === name))
    ? { ok: true, value: faults }
    : { ok: false, expected: `none, or some of ${FAULTS.join(", ")}` };
}

function parseReplicaId(text: string): ParsedText<string> {
  return text.length <= 256
    ? parseText(text)
    : { ok: false, expected: "a name of at most 256 characters" };
}
