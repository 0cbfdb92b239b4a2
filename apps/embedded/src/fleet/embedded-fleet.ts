import { availableParallelism } from "node:os";
import { join } from "node:path";
import { FleetProcess } from "../process/fleet-process.ts";
import { startRedisServer, type OwnRedis } from "../redis/start-redis-server.ts";
import { redisRestartCommand } from "../redis/redis-restart-command.ts";
import { childEnvironment } from "./child-environment.ts";
import type { FleetApi, FleetPlan, ProcessKind } from "./fleet-plan.ts";
import { launcherAccess, type LauncherAccess } from "./launcher-access.ts";
import { startBrokerProcess, type RunningBroker } from "./start-broker-process.ts";

/** Many processes share few cores: their starts take turns. */
const READY_TIMEOUT_IN_MS = 60_000;
const READY_TIMEOUT_PER_PROCESS_IN_MS = 2_000;

const STARTS_PER_CORE = 2;

/** Together below the 5 s that `stop` promises: the applications need Redis and the bus until they have ended. */
const STOP_APPLICATIONS_IN_MS = 3_200;
const STOP_REDIS_IN_MS = 1_200;
const STOP_BROKER_IN_MS = 900;

/**
 * A fleet of separate processes on one machine: Redis (unless one is given), the embedded broker, APIs and workers.
 * It decides nothing by itself when a process ends: its observer hears of it.
 */
export class EmbeddedFleet implements AsyncDisposable {
  readonly #plan: FleetPlan;
  readonly #access: LauncherAccess;
  readonly #processes = new Map<FleetProcess, ProcessKind>();
  readonly #apis: FleetApi[] = [];
  readonly #workers: FleetProcess[] = [];
  readonly #stopped = new WeakSet<FleetProcess>();
  #redis: OwnRedis | { readonly url: string; readonly process: null } | null = null;
  #broker: RunningBroker | null = null;
  #stopping: Promise<void> | null = null;

  constructor(plan: FleetPlan) {
    this.#plan = plan;
    this.#access = launcherAccess(plan.env);
  }

  /**
   * Starts everything and resolves when each process has said that it is ready; the roster may still be incomplete.
   * @throws Error with the last words of the first process that did not start; whatever has started is stopped by then.
   */
  async start(): Promise<void> {
    try {
      await this.#startInfrastructure();
      await Promise.all([
        ...this.#plan.apiPorts.map((port) => this.startApi(port)),
        this.#startWorkers(this.#plan.workers),
      ]);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** With which the fleet's APIs may be read; null where they are open. */
  get readKey(): string | null {
    return this.#access.key;
  }

  /** Contains the password of a given server. */
  get redisUrl(): string {
    return required(this.#redis, "Redis").url;
  }

  /** null when the server was given. */
  get redisProcess(): FleetProcess | null {
    return required(this.#redis, "Redis").process;
  }

  /** What brings the fleet's own server back on its address after it died. */
  get redisRestartCommand(): string {
    return redisRestartCommand(this.#plan.redis, this.redisUrl);
  }

  get broker(): RunningBroker {
    return required(this.#broker, "broker");
  }

  /** Every API ever started, in order; also those that have ended. */
  get apis(): readonly FleetApi[] {
    return this.#apis;
  }

  /** Every worker ever started, in order; also those that have ended. */
  get workers(): readonly FleetProcess[] {
    return this.#workers;
  }

  /** Starts one more API on a port and waits until it listens. */
  async startApi(port: number, env: NodeJS.ProcessEnv = {}): Promise<FleetApi> {
    const name = `api-${this.#apis.length + 1}`;
    const process = this.#startApplication("api", name, {
      APP_PORT: `${port}`,
      FLEETQUAKE_HOST: this.#plan.apiHost,
      ...this.#access.env,
      ...env,
    });
    const api = { process, url: `http://${reachableHost(this.#plan.apiHost)}:${port}` };
    this.#apis.push(api);
    await this.#untilReady(process);
    return api;
  }

  /** Starts one more worker and waits until it runs. */
  async startWorker(env: NodeJS.ProcessEnv = {}): Promise<FleetProcess> {
    const name = `worker-${this.#workers.length + 1}`;
    const process = this.#startApplication("worker", name, env);
    this.#workers.push(process);
    await this.#untilReady(process);
    return process;
  }

  /** Stops the broker, if it still runs, and starts one with the same address and key. */
  async restartBroker(): Promise<void> {
    const { process, seat } = this.broker;
    await this.stopProcess(process, STOP_BROKER_IN_MS);
    await this.#startBroker(seat);
  }

  /** Stops one process in order; the observer does not hear of it. */
  async stopProcess(process: FleetProcess, timeoutInMs: number): Promise<void> {
    this.#stopped.add(process);
    await process.stop(timeoutInMs);
  }

  /** Stops all that was started, within 5 s. Idempotent, and possible in the middle of `start`. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #startInfrastructure(): Promise<void> {
    await Promise.all([this.#startRedis(), this.#startBroker(undefined)]);
  }

  async #startRedis(): Promise<void> {
    const { redis, redisParameters } = this.#plan;
    if (redis.kind === "given") {
      this.#redis = { url: redis.url, process: null };
      return;
    }
    this.#refuseWhenStopping();
    this.#redis = await startRedisServer(redis, {
      ...this.#common("redis", this.#plan.env),
      ...(redisParameters && { parameters: redisParameters }),
      onSpawn: (process) => this.#processes.set(process, "redis"),
    });
    void this.#watch(this.#redis.process);
  }

  async #startBroker(seat: RunningBroker["seat"] | undefined): Promise<void> {
    this.#refuseWhenStopping();
    this.#broker = await startBrokerProcess({
      ...this.#common("broker", this.#plan.env),
      ...(seat && { seat }),
      faults: this.#plan.brokerFaults ?? false,
      onSpawn: (process) => this.#processes.set(process, "broker"),
    });
    void this.#watch(this.#broker.process);
  }

  /** Not all at once: dozens of processes that load their code together miss their own deadlines. */
  async #startWorkers(count: number): Promise<void> {
    const lanes = Math.min(count, availableParallelism() * STARTS_PER_CORE);
    const startInTurn = async (): Promise<void> => {
      while (this.#workers.length < count) {
        await this.startWorker();
      }
    };
    await Promise.all(Array.from({ length: lanes }, startInTurn));
  }

  #startApplication(kind: "api" | "worker", name: string, env: NodeJS.ProcessEnv): FleetProcess {
    this.#refuseWhenStopping();
    const shared = childEnvironment(this.#plan.env, {
      redisUrl: this.redisUrl,
      isRedisGiven: this.#plan.redis.kind === "given",
      busConnectionString: this.broker.connectionString,
      kind,
    });
    const processes = this.#plan.workers + this.#plan.apiPorts.length;
    const process = new FleetProcess({
      name,
      module: new URL(`../../../${kind}/bundle/app/main.js`, import.meta.url),
      readyTimeoutInMs: READY_TIMEOUT_IN_MS + processes * READY_TIMEOUT_PER_PROCESS_IN_MS,
      ...this.#common(name, { ...shared, FLEETQUAKE_REPLICA_ID: name, ...env }),
    });
    this.#processes.set(process, kind);
    return process;
  }

  async #untilReady(process: FleetProcess): Promise<void> {
    await process.ready();
    void this.#watch(process);
  }

  async #watch(process: FleetProcess | null): Promise<void> {
    if (process === null) {
      return;
    }
    const end = await process.ended;
    const kind = this.#processes.get(process);
    if (kind !== undefined && this.#stopping === null && !this.#stopped.has(process)) {
      this.#plan.observer?.ended(kind, end);
    }
  }

  #common(
    name: string,
    env: NodeJS.ProcessEnv,
  ): { env: NodeJS.ProcessEnv; logFile: string; onLine: (line: string) => void } {
    return {
      env,
      logFile: join(this.#plan.logFolder, `${name}.log`),
      onLine: (line) => this.#plan.observer?.line(name, line),
    };
  }

  #refuseWhenStopping(): void {
    if (this.#stopping !== null) {
      throw new Error("the fleet is being stopped");
    }
  }

  async #stopAll(): Promise<void> {
    const stop = async (kinds: readonly ProcessKind[], timeoutInMs: number): Promise<void> => {
      const chosen = [...this.#processes].filter(([, kind]) => kinds.includes(kind));
      await Promise.all(chosen.map(([process]) => process.stop(timeoutInMs)));
    };
    await stop(["api", "worker"], STOP_APPLICATIONS_IN_MS);
    await Promise.all([stop(["redis"], STOP_REDIS_IN_MS), stop(["broker"], STOP_BROKER_IN_MS)]);
  }
}

/** An API that listens on every address is reached by the loopback one. */
function reachableHost(host: string): string {
  switch (host) {
    case "0.0.0.0":
      return "127.0.0.1";
    case "::":
      return "[::1]";
    default:
      return host.includes(":") ? `[${host}]` : host;
  }
}

function required<T>(part: T | null, name: string): T {
  if (part === null) {
    throw new Error(`the fleet has no ${name} yet`);
  }
  return part;
}
