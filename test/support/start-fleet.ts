import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  EmbeddedFleet,
  findRedisProgram,
  waitForRoster,
  type FleetApi,
  type FleetProcess,
} from "@fleetquake/embedded";
import { freePort } from "./free-port.ts";
import { RedisInspector, type ClientListRow } from "./redis-inspector.ts";
import { requestJson, type JsonAnswer, type RequestJsonOptions } from "./request-json.ts";

const CACHE_FOLDER = fileURLToPath(new URL("../../.cache", import.meta.url));
const ROSTER_TIMEOUT_IN_MS = 30_000;

export interface StartFleetOptions {
  /** Workers. @default 3 */
  readonly replicas?: number;
  /** @default 1 */
  readonly apis?: number;
  /** Further environment of every process, for example `{ FLEETQUAKE_RESET_COOLDOWN_MS: "500" }`. */
  readonly env?: NodeJS.ProcessEnv;
  /** Further parameters of redis-server, for example `["--maxclients", "100"]`. */
  readonly redisParameters?: readonly string[];
  /** A Redis that runs already, instead of an own one. */
  readonly redisUrl?: string;
  /** Whether the broker's faults can be switched on. @default false */
  readonly brokerFaults?: boolean;
  /** @default true: waits until every API sees the whole fleet */
  readonly waitsForRoster?: boolean;
}

/** A whole fleet of real processes, as `npm start` runs it, on free ports. */
export class StartedFleet implements AsyncDisposable {
  readonly #fleet: EmbeddedFleet;
  readonly #logFolder: string;
  readonly #inspector: RedisInspector;

  constructor(fleet: EmbeddedFleet, logFolder: string) {
    this.#fleet = fleet;
    this.#logFolder = logFolder;
    this.#inspector = new RedisInspector(fleet.redisUrl);
  }

  /** The first API's, for example `http://127.0.0.1:34567`. */
  get url(): string {
    return this.urls[0] ?? "";
  }

  get urls(): readonly string[] {
    return this.apis.map((api) => api.url);
  }

  get apis(): readonly FleetApi[] {
    return this.#fleet.apis;
  }

  /** `signal("SIGSTOP" | "SIGCONT" | "SIGKILL")`, `stop(timeoutInMs)`, `pid`, `name`: the name is the replica's id. */
  get workers(): readonly FleetProcess[] {
    return this.#fleet.workers;
  }

  get broker(): FleetProcess {
    return this.#fleet.broker.process;
  }

  /** For an agent or a bus client of the test's own. */
  get busConnectionString(): string {
    return this.#fleet.broker.connectionString;
  }

  get redisUrl(): string {
    return this.#fleet.redisUrl;
  }

  /** The own redis-server: its pid and signals are the server's, not its guard's. */
  get redis(): FleetProcess {
    const { redisProcess } = this.#fleet;
    if (redisProcess === null) {
      throw new Error("this fleet was given its Redis");
    }
    return redisProcess;
  }

  /** What CLIENT LIST shows of the applications: neither the test's own connection nor control connections. */
  clientList(): Promise<readonly ClientListRow[]> {
    return this.#inspector.clientList();
  }

  clientIds(): Promise<readonly string[]> {
    return this.#inspector.clientIds();
  }

  get<T>(path: string, options: RequestJsonOptions & OfApi = {}): Promise<JsonAnswer<T>> {
    return requestJson<T>(`${this.#urlOf(options)}${path}`, options);
  }

  post<T>(
    path: string,
    body?: string | object,
    options: RequestJsonOptions & OfApi = {},
  ): Promise<JsonAnswer<T>> {
    return requestJson<T>(`${this.#urlOf(options)}${path}`, {
      ...options,
      method: "POST",
      ...(body !== undefined && { body }),
    });
  }

  delete<T>(path: string, options: RequestJsonOptions & OfApi = {}): Promise<JsonAnswer<T>> {
    return requestJson<T>(`${this.#urlOf(options)}${path}`, { ...options, method: "DELETE" });
  }

  /** Waits until every running API sees every running API and worker as active. */
  waitForRoster(timeoutInMs = ROSTER_TIMEOUT_IN_MS): Promise<void> {
    return waitForRoster(this.#fleet, { timeoutInMs });
  }

  /** One more API; resolves when it listens, which is before its roster is complete. */
  async startApi(env: NodeJS.ProcessEnv = {}): Promise<FleetApi> {
    return this.#fleet.startApi(await freePort(), env);
  }

  /** One more worker; resolves when it runs. */
  startWorker(env: NodeJS.ProcessEnv = {}): Promise<FleetProcess> {
    return this.#fleet.startWorker(env);
  }

  /** Ends the broker at once; `restartBroker` brings it back. */
  async killBroker(): Promise<void> {
    await this.#fleet.stopProcess(this.broker, 0);
  }

  /** A broker with the same address and key, and nothing of what its predecessor knew. */
  restartBroker(): Promise<void> {
    return this.#fleet.restartBroker();
  }

  /** What a process has printed so far: of a long log the latest part. */
  log(name: string): Promise<string> {
    return readFile(join(this.#logFolder, `${name}.log`), "utf8");
  }

  /** Stops all that it started. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inspector[Symbol.asyncDispose]();
    await this.#fleet.stop();
    await rm(this.#logFolder, { recursive: true, force: true });
  }

  #urlOf({ api = 0 }: OfApi): string {
    const url = this.urls[api];
    if (url === undefined) {
      throw new Error(`this fleet has no API number ${api}`);
    }
    return url;
  }
}

interface OfApi {
  /** Which API, from 0. @default 0 */
  readonly api?: number;
}

/**
 * Starts Redis, broker, APIs and workers as separate processes and waits until the roster is complete.
 * @throws Error with the last words of the process that did not start.
 */
export async function startFleet(options: StartFleetOptions = {}): Promise<StartedFleet> {
  const { env = {}, redisUrl, redisParameters } = options;
  const logFolder = await mkdtemp(join(tmpdir(), "fleetquake-logs-"));
  const apiPorts = await Promise.all(Array.from({ length: options.apis ?? 1 }, freePort));
  const path = process.env["PATH"] ?? "";
  const fleet = new EmbeddedFleet({
    env: { ...process.env, ...env },
    redis:
      redisUrl === undefined
        ? await findRedisProgram({ path, cacheFolder: CACHE_FOLDER, say: () => undefined })
        : { kind: "given", url: redisUrl },
    ...(redisParameters && { redisParameters }),
    apiHost: "127.0.0.1",
    apiPorts,
    workers: options.replicas ?? 3,
    brokerFaults: options.brokerFaults ?? false,
    logFolder,
  });
  await fleet.start();
  const started = new StartedFleet(fleet, logFolder);
  try {
    if (options.waitsForRoster ?? true) {
      await started.waitForRoster();
    }
    return started;
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
}
