// Preload: BullMQ 6.7 replaces a worker's blocking connection by itself when the answer of its pop is a second overdue, and
// so once within six seconds after each reset, since ioredis sends the pop that was cut again. Here it waits for ever: a
// test that counts connections must know that nobody but a reset closes them.
import { isMainThread } from "node:worker_threads";

const WATCHDOG_IN_MS = 6_000;
const NEVER_IN_MS = 2 ** 31 - 1;

if (isMainThread) {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = Object.assign((callback, spanInMs, ...parts) => {
    const isWatchdog = spanInMs === WATCHDOG_IN_MS && new Error().stack.includes("waitForJob");
    return setTimeout(callback, isWatchdog ? NEVER_IN_MS : spanInMs, ...parts);
  }, setTimeout);
}
