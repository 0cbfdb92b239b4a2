// An application under load, which does what it is told over IPC and answers there.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { createLoadGenerator } from "@fleetquake/agent/testing/load";

const generator = createLoadGenerator();
let thread;

const say = (answer, values = {}) => process.send({ answer, ...values });
const monotonicInMs = () => Number(process.hrtime.bigint()) / 1e6;

const commands = {
  async start({ level, spanInMs }) {
    const endsAtMonotonicInMs = monotonicInMs() + spanInMs;
    try {
      const report = await generator.start({ level, endsAtMonotonicInMs });
      say("started", { report, endsAtMonotonicInMs });
    } catch (error) {
      say("failed", { name: error.name, code: error.code ?? null, message: error.message });
    }
  },
  async stop() {
    await generator.stop();
    say("stopped");
  },
  /** How late the event loop comes round while the process goes on, in milliseconds. */
  async measure({ spanInMs }) {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    await pause(spanInMs);
    delay.disable();
    say("measured", { meanInMs: delay.mean / 1e6, p99InMs: delay.percentile(99) / 1e6 });
  },
  /** The event loop stands still, without using the processor. */
  block({ spanInMs }) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, spanInMs);
    say("unblocked");
  },
  /** Another thread begins the load, as the agent's does. */
  startInThread() {
    thread = new Worker(new URL("./load-starting-thread.mjs", import.meta.url));
    thread.once("message", () => say("started-in-thread"));
  },
  async endThread() {
    await thread.terminate();
    say("thread-ended");
  },
  /** Nothing but the load is left: the process ends, unless the load keeps it. */
  end() {
    process.disconnect();
  },
};

process.on("message", ({ command, ...parameters }) => void commands[command](parameters));
say("ready");
