import { createHash, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import type { Problem } from "@fleetquake/contract";
import { askFrom, type AskFromOptions } from "./ask-from.ts";
import { freePort } from "./free-port.ts";
import { startApiProcess, type StartedApiProcess } from "./start-api-process.ts";
import { startIdentity, type StartedIdentity } from "./start-identity.ts";
import { until } from "./until.ts";

/** One line of the API's log. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface GuardedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;
  readonly requestId: string;
}

/** A real API with keys, Entra ID and signed commands; its bus and its Redis are away. */
export interface GuardedApi extends AsyncDisposable {
  readonly api: StartedApiProcess;
  readonly identity: StartedIdentity;
  readonly readKey: string;
  readonly operateKey: string;
  /** Whatever must be in no line of the log: what is configured, and each part of what was sent. */
  readonly secrets: Set<string>;
  /** Asks from an address of its own, so that no refusal counts against another test. */
  ask(request: Omit<AskFromOptions, "port">): Promise<GuardedAnswer>;
  askWithToken(token: string, request?: Omit<AskFromOptions, "port">): Promise<GuardedAnswer>;
  /** Waits for the event of a request in the log. */
  event(requestId: string, name: string): Promise<LogLine>;
}

/** A key as the README says to make one. */
export function makeApiKey(): string {
  return randomBytes(32).toString("hex");
}

/** What the API is told of a key. */
export function sha256Of(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

let callers = 0;

/** A loopback address that nobody has called from. */
export function freshAddress(): string {
  callers += 1;
  return `127.1.${callers >> 8}.${callers & 255}`;
}

/** Starts the API and its tenant. */
export async function startGuardedApi(): Promise<GuardedApi> {
  const identity = await startIdentity();
  const [readKey, operateKey, busKey] = [makeApiKey(), makeApiKey(), makeApiKey()];
  const commandKey = String(
    generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }),
  );
  const api = await startApiProcess({
    LOG_LEVEL: "debug",
    REDIS_ENABLED: "false",
    FLEETQUAKE_BUS_CONNECTION_STRING: `Endpoint=sb://127.0.0.1:${await freePort()};SharedAccessKeyName=Root;SharedAccessKey=${busKey};UseDevelopmentEmulator=true`,
    FLEETQUAKE_API_KEYS_READ: `grafana=${sha256Of(readKey)}`,
    FLEETQUAKE_API_KEYS_OPERATE: sha256Of(operateKey),
    AZURE_TENANT_ID: identity.tenantId,
    FLEETQUAKE_API_AUDIENCE: identity.audience,
    FLEETQUAKE_ENTRA_AUTHORITY: identity.authority,
    FLEETQUAKE_COMMAND_PRIVATE_KEY: commandKey,
  });
  const secrets = new Set([readKey, operateKey, busKey, commandKey.split("\n")[1] ?? commandKey]);
  const ask: GuardedApi["ask"] = async (request) => {
    for (const secret of secretsIn(request.headers ?? [])) {
      secrets.add(secret);
    }
    const requestId = randomUUID();
    const headers = [...(request.headers ?? []), `X-Request-ID: ${requestId}`];
    const from = request.from ?? freshAddress();
    const {
      status,
      headers: answered,
      body,
    } = await askFrom({ ...request, from, headers, port: api.port });
    return { status, headers: answered, problem: JSON.parse(body || "null"), requestId };
  };
  return {
    api,
    identity,
    readKey,
    operateKey,
    secrets,
    ask,
    askWithToken: (token, request = {}) =>
      ask({ ...request, headers: [...(request.headers ?? []), `Authorization: Bearer ${token}`] }),
    async event(requestId, name) {
      const find = (): LogLine | undefined =>
        linesOf(api).find((line) => line["request_id"] === requestId && line["event"] === name);
      await until(() => find() !== undefined, 5_000);
      return find() ?? {};
    },
    async [Symbol.asyncDispose]() {
      await api.stop();
      await identity[Symbol.asyncDispose]();
    },
  };
}

const SHORTEST_SECRET = 20;

function secretsIn(headers: readonly string[]): readonly string[] {
  return headers
    .filter((line) => /^(x-api-key|authorization):/i.test(line))
    .flatMap((line) => line.split(/[\s.,]+/).slice(1))
    .filter((part) => part.length >= SHORTEST_SECRET);
}

function linesOf(api: StartedApiProcess): readonly LogLine[] {
  const whole = api.output().split("\n").slice(0, -1);
  return whole.filter((line) => line.startsWith("{")).map((line): LogLine => JSON.parse(line));
}
