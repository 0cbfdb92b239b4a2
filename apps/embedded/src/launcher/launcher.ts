import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { EmbeddedFleet } from "../fleet/embedded-fleet.ts";
import type { FleetPlan, ProcessKind } from "../fleet/fleet-plan.ts";
import { waitForRoster } from "../fleet/wait-for-roster.ts";
import { describeProcessEnd, type ProcessEnd } from "../process/process-end.ts";
import { findRedisProgram } from "../redis/find-redis-program.ts";
import { inspectRedis, type RedisFacts } from "../redis/inspect-redis.ts";
import { checkPorts } from "./check-ports.ts";
import { ComplaintFilter } from "./complaint-filter.ts";
import { describeLoss } from "./describe-loss.ts";
import type { LauncherConfig } from "./load-config.ts";
import { createLogFolder } from "./log-folder.ts";
import { readyLine } from "./ready-line.ts";
import { StartRefusedError } from "./start-refused-error.ts";

const ROSTER_TIMEOUT_IN_MS = 30_000;
const ROSTER_TIMEOUT_PER_WORKER_IN_MS = 2_000;
const BROKER_RESTARTS = 3;
const BROKER_RESTARTS_WITHIN_MS = 60_000;

export interface LauncherOptions {
  readonly config: LauncherConfig;
  readonly env: NodeJS.ProcessEnv;
  /** The repository's root; logs and the unpacked Redis go to its `.cache`. */
  readonly root: string;
  /** Gets each line for the user's terminal. */
  readonly say: (line: string) => void;
  /** Gets the ready line. */
  readonly announce: (line: string) => void;
  /** Called once when the fleet has ended by itself, with the exit code. */
  readonly onOver: (code: number) => void;
}

/** Runs one embedded fleet for a user at a terminal, and tells them what happens to it. */
export class Launcher {
  readonly #options: LauncherOptions;
  readonly #abort = new AbortController();
  readonly #complaints = new ComplaintFilter(() => performance.now());
  readonly #brokerRestartsInMs: number[] = [];
  readonly #environmentFile: string;
  #fleet: EmbeddedFleet | null = null;
  #isReady = false;

  constructor(options: LauncherOptions) {
    this.#options = options;
    this.#environmentFile = join(options.root, ".cache", `fleet-${options.config.port}.env`);
  }

  /**
   * Starts the fleet and resolves once it is complete and announced.
   * @throws StartRefusedError for what the user can put right, Error for a process that did not start.
   */
  async start(): Promise<void> {
    const { config, say } = this.#options;
    const ports = Array.from({ length: config.apis }, (_, index) => config.port + index);
    await checkPorts(config.host, ports);
    const redis = await this.#chooseRedis();
    const logFolder = createLogFolder(join(this.#options.root, ".cache", "logs"));
    say(`logs in ${relative(process.cwd(), logFolder) || logFolder}`);
    this.#abort.signal.throwIfAborted();
    this.#fleet = new EmbeddedFleet(this.#plan(redis, { ports, logFolder }));
    await this.#fleet.start();
    await waitForRoster(this.#fleet, {
      timeoutInMs: ROSTER_TIMEOUT_IN_MS + config.workers * ROSTER_TIMEOUT_PER_WORKER_IN_MS,
      abortSignal: this.#abort.signal,
    });
    const facts = await this.#inspect(this.#fleet.redisUrl);
    this.#writeEnvironmentFile(this.#fleet);
    this.#isReady = true;
    this.#announce(this.#fleet, facts);
  }

  /** Ends everything within 5 s. Idempotent, and possible at any moment. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error("the launcher was told to stop"));
    rmSync(this.#environmentFile, { force: true });
    await this.#fleet?.stop();
  }

  async #chooseRedis(): Promise<FleetPlan["redis"]> {
    const { config, env, root, say } = this.#options;
    if (config.redisUrl !== null) {
      await this.#inspect(config.redisUrl);
      return { kind: "given", url: config.redisUrl };
    }
    if (env["REDIS_HOST"]) {
      say("REDIS_HOST does not choose the fleet's Redis, REDIS_URL does: starting an own server");
    }
    return findRedisProgram({ path: env["PATH"] ?? "", cacheFolder: join(root, ".cache"), say });
  }

  async #inspect(url: string): Promise<RedisFacts> {
    try {
      return await inspectRedis(url);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StartRefusedError(why, { cause });
    }
  }

  #plan(
    redis: FleetPlan["redis"],
    places: { readonly ports: readonly number[]; readonly logFolder: string },
  ): FleetPlan {
    const { config, env, say } = this.#options;
    return {
      env,
      redis,
      apiHost: config.host,
      apiPorts: places.ports,
      workers: config.workers,
      logFolder: places.logFolder,
      observer: {
        line: (name, line) => {
          const complaint = this.#complaints.take(name, line);
          // Parts that wait for each other at the start, or lose each other at the end, are no news.
          if (complaint !== null && this.#isReady && !this.#abort.signal.aborted) {
            say(complaint);
          }
        },
        ended: (kind, end) => this.#tellEnd(kind, end),
      },
    };
  }

  #announce(fleet: EmbeddedFleet, facts: RedisFacts): void {
    const { port } = fleet.broker.seat;
    const file = relative(process.cwd(), this.#environmentFile);
    this.#options.say(
      `to join with an app of your own: node --env-file=${file} --import @fleetquake/agent/register app.js`,
    );
    this.#options.announce(
      readyLine({
        urls: fleet.apis.map((api) => api.url),
        redisVersion: facts.version,
        redisAddress: facts.address,
        busAddress: `sb://127.0.0.1:${port}`,
        workers: fleet.workers.length,
      }),
    );
  }

  /** What an application beside the fleet needs to join it, with the keys: for this user's eyes only. */
  #writeEnvironmentFile(fleet: EmbeddedFleet): void {
    const lines = [
      `REDIS_URL=${fleet.redisUrl}`,
      `FLEETQUAKE_BUS_CONNECTION_STRING=${fleet.broker.connectionString}`,
    ];
    mkdirSync(join(this.#options.root, ".cache"), { recursive: true });
    // An old file would keep its own mode.
    rmSync(this.#environmentFile, { force: true });
    writeFileSync(this.#environmentFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  }

  #tellEnd(kind: ProcessKind, end: ProcessEnd): void {
    const fleet = this.#fleet;
    if (fleet === null) {
      return;
    }
    const description = describeProcessEnd(end);
    if (!this.#isReady) {
      this.#abort.abort(new Error(`could not start: ${description}`));
      return;
    }
    const { say } = this.#options;
    say(description);
    switch (kind) {
      case "worker": {
        const left = fleet.workers.filter((worker) => worker.isRunning).length;
        say(describeLoss({ kind, left, started: fleet.workers.length }));
        break;
      }
      case "api":
        this.#tellLostApi(fleet);
        break;
      case "redis": {
        say(describeLoss({ kind, restartCommand: fleet.redisRestartCommand }));
        break;
      }
      case "broker":
        this.#replaceBroker(fleet);
        break;
    }
  }

  #tellLostApi(fleet: EmbeddedFleet): void {
    const urlsLeft = fleet.apis.filter((api) => api.process.isRunning).map((api) => api.url);
    this.#options.say(describeLoss({ kind: "api", urlsLeft }));
    if (urlsLeft.length === 0) {
      void this.stop().finally(() => this.#options.onOver(1));
    }
  }

  #replaceBroker(fleet: EmbeddedFleet): void {
    const nowInMs = performance.now();
    const recent = this.#brokerRestartsInMs.filter(
      (atInMs) => nowInMs - atInMs < BROKER_RESTARTS_WITHIN_MS,
    );
    const isRestarted = recent.length < BROKER_RESTARTS;
    this.#options.say(describeLoss({ kind: "broker", isRestarted }));
    if (isRestarted) {
      this.#brokerRestartsInMs.splice(0, Infinity, ...recent, nowInMs);
      fleet.restartBroker().catch((error: unknown) => {
        this.#options.say(error instanceof Error ? error.message : String(error));
        this.#options.say(describeLoss({ kind: "broker", isRestarted: false }));
      });
    }
  }
}
