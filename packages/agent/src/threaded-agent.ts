import type { ReplicaIdentity } from "@fleetquake/contract";
import { silentLog, systemClock, type Log } from "@fleetquake/contract/plain";
import type { ReplicaMemory, ReplicaReport } from "@fleetquake/replica";
import type { Agent, AgentState, ReadyOptions } from "./agent.ts";
import type { AgentSettings } from "./agent-settings.ts";
import { JobGate } from "./hang/job-gate.ts";
import { JobHang } from "./hang/job-hang.ts";
import { LoopHang } from "./hang/loop-hang.ts";
import type { AgentConnectionSet } from "./sockets/connection-set.ts";
import { CloseService } from "./thread/close-service.ts";
import { Farewell } from "./thread/farewell.ts";
import type { RemoteRedisControl } from "./thread/remote-redis-control.ts";
import { SupervisedThread } from "./thread/supervised-thread.ts";
import type { FromThread } from "./thread/thread-message.ts";
import type { RedisTokenCredentials } from "./tokens/redis-token-source.ts";
import { serveTokenExpiry } from "./tokens/serve-token-expiry.ts";
import { waitForRefresh } from "./tokens/wait-for-refresh.ts";

/** How old the thread's picture of the connections may be. */
const PUSH_INTERVAL_IN_MS = 200;
/** A process that exits waits no longer than this for its goodbye. */
const FAREWELL_TIMEOUT_IN_MS = 100;
const READY_TIMEOUT_IN_MS = 10_000;

export interface ThreadedAgentOptions {
  readonly identity: ReplicaIdentity;
  readonly settings: AgentSettings;
  readonly connections: AgentConnectionSet;
  readonly control: RemoteRedisControl;
  /** Memory of the process's RedisBlockCell. */
  readonly block: SharedArrayBuffer;
  /** Called once when the agent was stopped. */
  readonly onStopped: () => void;
}

/** The application's side of an agent: its connections, and the thread that speaks for them. */
export class ThreadedAgent implements Agent {
  readonly #options: ThreadedAgentOptions;
  readonly #thread: SupervisedThread;
  readonly #closes: CloseService;
  readonly #farewell = new Farewell();
  readonly #loopHang = new LoopHang();
  readonly #jobHang = new JobHang();
  readonly #jobGate = new JobGate(this.#jobHang, systemClock);
  readonly #startedAtInMs = systemClock.monotonicInMs();
  readonly #waiting = new Set<() => void>();
  readonly #pushTimer: NodeJS.Timeout;
  readonly #stopWatchingTokens: (() => void) | undefined;
  readonly #onExit = (): void => this.#sayGoodbye();
  #status = { busConnected: false, isAnnounced: false };
  #hasHeardThread = false;
  #memory: ReplicaMemory | null = null;
  #lastPush = "";
  #stopping: Promise<void> | undefined;

  /** @throws DataCloneError when the settings hold what cannot cross threads. */
  constructor(options: ThreadedAgentOptions) {
    this.#options = options;
    this.#thread = new SupervisedThread({
      clock: systemClock,
      log: options.settings.log,
      settings: () => this.#threadSettings(),
      onMessage: (message) => this.#take(message),
      onLost: () => this.#threadLost(),
    });
    this.#closes = new CloseService({
      connections: options.connections,
      clock: systemClock,
      post: (message) => this.#thread.post(message),
      pushState: () => this.#push(),
      untilClosable: (expiresAtMonotonicInMs) => this.#untilRefreshed(expiresAtMonotonicInMs),
    });
    this.#thread.start();
    this.#stopWatchingTokens = options.settings.redisTokens?.onChange(() => this.#passToken());
    this.#pushTimer = setInterval(() => this.#push(), PUSH_INTERVAL_IN_MS);
    this.#pushTimer.unref();
    process.on("exit", this.#onExit);
  }

  get replicaId(): string {
    return this.#options.identity.replica_id;
  }

  get instanceId(): string {
    return this.#options.identity.instance_id;
  }

  /** Sends a call of the control connection to the thread. */
  get thread(): SupervisedThread {
    return this.#thread;
  }

  async ready({ timeoutInMs = READY_TIMEOUT_IN_MS }: ReadyOptions = {}): Promise<void> {
    if (this.#status.isAnnounced || (await this.#announcedWithin(timeoutInMs))) {
      return;
    }
    const why = this.#stopping === undefined ? `within ${timeoutInMs} ms` : "before it was stopped";
    throw new Error(`The agent of ${this.replicaId} could not announce itself ${why}`);
  }

  state(): AgentState {
    return {
      ...this.#status,
      threadRestarts: this.#thread.restarts,
      redis: {
        ...this.#options.connections.state(),
        last_reset: this.#memory?.lastReset ?? null,
      },
    };
  }

  recordWork(): void {
    this.#options.connections.recordWork();
  }

  untilWorkAllowed(): Promise<void> {
    return this.#jobGate.untilOpen();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    clearInterval(this.#pushTimer);
    this.#stopWatchingTokens?.();
    process.off("exit", this.#onExit);
    for (const wakeUp of this.#waiting) {
      wakeUp();
    }
    await this.#thread.stop();
    // Also where the thread could not do it any more.
    this.#jobHang.end();
    this.#loopHang.end();
    this.#options.settings.redisTokens?.endExpiry();
    this.#options.onStopped();
  }

  #announcedWithin(timeoutInMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      // Neither the thread nor its timers keep the process alive; whoever waits for the fleet wants it to live on.
      const timer = setTimeout(() => settle(), timeoutInMs);
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        resolve(this.#status.isAnnounced);
      };
      this.#waiting.add(settle);
    });
  }

  #threadSettings() {
    const { identity, settings, connections, block } = this.#options;
    return {
      identity,
      bus: settings.bus,
      redis: settings.redis && { ...settings.redis, ...this.#newestCredentials() },
      hasRedisTokens: settings.redisTokens !== null,
      commandPublicKey: settings.commandPublicKey,
      heartbeatIntervalInMs: settings.heartbeatIntervalInMs,
      startedAtMonotonicInMs: this.#startedAtInMs,
      state: connections.state(),
      memory: this.#memory,
      forwardsLog: settings.log !== silentLog,
      forwardsReports: settings.onReport !== null,
      farewell: this.#farewell.shared,
      block,
      hang: { loop: this.#loopHang.shared, jobs: this.#jobHang.shared },
    };
  }

  #take(message: FromThread): void {
    const { settings } = this.#options;
    switch (message.type) {
      case "status":
        this.#hasHeardThread = true;
        this.#memory = message.memory;
        this.#status = { busConnected: message.busConnected, isAnnounced: message.isAnnounced };
        this.#tellWaiting();
        break;
      case "close":
        void this.#closes.serve(message);
        break;
      case "closed-from-outside":
        this.#closes.remember(message.commandId, Promise.resolve(message.result));
        this.#options.connections.recordForeignClose(message.close);
        this.#push();
        break;
      case "token-expiry":
        this.#thread.post({
          type: "token-expiry-done",
          requestId: message.request.requestId,
          refusal: serveTokenExpiry(settings.redisTokens, message.request, systemClock),
        });
        break;
      case "hang-loop":
        // What the thread knows of the connections has to last for the whole hang.
        this.#push();
        this.#loopHang.block(systemClock);
        break;
      case "control-answer":
        this.#options.control.answer(message.callId, message.answer);
        break;
      case "log":
        writeLog(settings.log, message);
        break;
      case "report":
        tellReport(settings, message.report);
        break;
      case "stopped":
        break;
    }
  }

  #tellWaiting(): void {
    if (this.#status.isAnnounced) {
      for (const wakeUp of this.#waiting) {
        wakeUp();
      }
    }
  }

  #threadLost(): void {
    this.#status = { ...this.#status, busConnected: false };
    this.#hasHeardThread = false;
    this.#lastPush = "";
    this.#options.control.abandon();
    // The next thread would not know of it.
    this.#options.settings.redisTokens?.endExpiry();
  }

  /** Tells the thread how the connections stand, if that has changed. */
  #push(): void {
    const picture = this.#options.connections.picture();
    const text = JSON.stringify(picture);
    if (text !== this.#lastPush && this.#thread.post({ type: "connections", picture })) {
      this.#lastPush = text;
    }
  }

  /** The control connection shall get in where the application's connections do. */
  #passToken(): void {
    const credentials = this.#newestCredentials();
    if (credentials !== null) {
      this.#thread.post({ type: "redis-credentials", credentials });
    }
  }

  #newestCredentials(): RedisTokenCredentials | null {
    const newest = this.#options.settings.redisTokens?.newest ?? null;
    return newest && { username: newest.username, password: newest.password };
  }

  async #untilRefreshed(expiresAtMonotonicInMs: number): Promise<void> {
    const { redisTokens, log } = this.#options.settings;
    if (redisTokens !== null) {
      await waitForRefresh(redisTokens, { clock: systemClock, log, expiresAtMonotonicInMs });
    }
  }

  #sayGoodbye(): void {
    // A thread that is still loading would be waited for in vain; one whose bus is down answers at once.
    if (this.#hasHeardThread && this.#thread.post({ type: "farewell" })) {
      this.#farewell.wait(FAREWELL_TIMEOUT_IN_MS);
    }
  }
}

/** A listener that throws must not end the application. */
function tellReport({ onReport, log }: AgentSettings, report: ReplicaReport): void {
  try {
    onReport?.(report);
  } catch (error) {
    log.error("report-listener-failed", { error: String(error) });
  }
}

function writeLog(log: Log, { level, event, fields }: Extract<FromThread, { type: "log" }>): void {
  log[level](event, fields);
}
