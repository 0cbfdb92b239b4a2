/**
 * Entry of the agent's worker thread: the bus client, the replica's core and the control connection, so that the weight
 * of the Service Bus SDK stays off the application's event loop and a busy loop does not keep the replica from answering.
 */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { silentLog, systemClock } from "@fleetquake/contract";
import { AgentCore } from "../agent-core.ts";
import { RedisBlockCell } from "../block/redis-block-cell.ts";
import { createRedisBlockSwitch } from "../block/redis-block-switch.ts";
import { createRedisControl } from "../control/create-redis-control.ts";
import type { RenewableRedisControl } from "../control/redis-control.ts";
import { LoopHang } from "../hang/loop-hang.ts";
import { ThreadHangSwitch } from "../hang/thread-hang-switch.ts";
import { createLoadGenerator } from "../load/create-load-generator.ts";
import { prepareOutsideClose } from "../outside/prepare-outside-close.ts";
import { ThreadTokenExpiry } from "../tokens/thread-token-expiry.ts";
import { Farewell } from "./farewell.ts";
import { postLog } from "./post-log.ts";
import { serveControlCall } from "./serve-control-call.ts";
import { ThreadConnections } from "./thread-connections.ts";
import type { FromThread, ToThread } from "./thread-message.ts";
import type { ThreadSettings } from "./thread-settings.ts";

class AgentThread {
  readonly #port: MessagePort;
  readonly #settings: ThreadSettings;
  readonly #connections: ThreadConnections;
  readonly #control: RenewableRedisControl | null;
  readonly #tokenExpiry: ThreadTokenExpiry;
  readonly #core: AgentCore;
  #lastStatus = "";

  constructor(port: MessagePort, settings: ThreadSettings) {
    const post = (message: FromThread): void => port.postMessage(message);
    this.#port = port;
    this.#settings = settings;
    const control = settings.redis === null ? null : createRedisControl(settings.redis);
    this.#control = control;
    const loopHang = new LoopHang(settings.hang.loop);
    this.#connections = new ThreadConnections({
      clock: systemClock,
      state: settings.state,
      post,
      prepareOutsideClose: (options) =>
        prepareOutsideClose({
          ...options,
          control,
          clock: systemClock,
          // The picture was given right before the loop began to hang.
          isPictureExact: loopHang.state === "hanging",
        }),
    });
    const { memory, ...options } = settings;
    const block = new RedisBlockCell({ clock: systemClock, shared: settings.block });
    const hang = new ThreadHangSwitch({
      clock: systemClock,
      memory: settings.hang,
      askLoop: () => post({ type: "hang-loop" }),
    });
    this.#tokenExpiry = new ThreadTokenExpiry({
      clock: systemClock,
      hasTokens: settings.hasRedisTokens,
      ask: (request) => post({ type: "token-expiry", request }),
    });
    const log = settings.forwardsLog ? postLog(post) : silentLog;
    this.#core = new AgentCore({
      ...options,
      ...(memory === null ? {} : { memory }),
      ports: {
        connections: this.#connections,
        load: createLoadGenerator({ log }),
        hang,
        redisBlock: createRedisBlockSwitch(block),
        tokenExpiry: this.#tokenExpiry,
      },
      log,
      onChange: () => this.#tellStatus(),
      ...(settings.forwardsReports && {
        onReport: (report) => post({ type: "report", report }),
      }),
    });
  }

  async run(): Promise<void> {
    // Listening is also what keeps this thread alive.
    this.#port.on("message", (message: ToThread) => this.#take(message));
    this.#tellStatus();
    await this.#core.start();
  }

  #take(message: ToThread): void {
    switch (message.type) {
      case "connections":
        this.#connections.update(message.picture);
        break;
      case "close-done":
        this.#connections.closeDone(message.requestId, message.result);
        break;
      case "token-expiry-done":
        this.#tokenExpiry.answer(message.requestId, message.refusal);
        break;
      case "redis-credentials":
        this.#control?.useCredentials(message.credentials);
        break;
      case "control-call":
        void this.#call(message);
        break;
      case "farewell":
        void this.#core.replica
          .close({ bye: true })
          .finally(() => new Farewell(this.#settings.farewell).done());
        break;
      case "stop":
        void this.#stop();
        break;
    }
  }

  async #call({ callId, call }: Extract<ToThread, { type: "control-call" }>): Promise<void> {
    if (this.#control !== null) {
      const answer = await serveControlCall(this.#control, call);
      this.#post({ type: "control-answer", callId, answer });
    }
  }

  async #stop(): Promise<void> {
    await Promise.all([this.#core.close({ bye: true }), this.#control?.close()]);
    this.#post({ type: "stopped" });
    this.#port.close();
  }

  #tellStatus(): void {
    const { busConnected, replica } = this.#core;
    const { isAnnounced } = replica;
    const status = { type: "status", busConnected, isAnnounced, memory: replica.memory() } as const;
    const text = JSON.stringify(status);
    if (text !== this.#lastStatus) {
      this.#lastStatus = text;
      this.#post(status);
    }
  }

  #post(message: FromThread): void {
    this.#port.postMessage(message);
  }
}

if (parentPort !== null) {
  muteStandardStreams();
  const settings: ThreadSettings = workerData;
  await new AgentThread(parentPort, settings).run();
}

/** Nobody reads this thread's standard streams, where whatever is written would pile up (a library's warnings, say). */
function muteStandardStreams(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = () => true;
  }
}
