// Preloaded into an API: stops the process (SIGSTOP) at the moment at which the broker gives it the lock of the fleet's
// resets, once. Holding it takes some ten milliseconds, too short to be met from outside. Seen on the wire, where the broker
// answers that the session is attached: modules of a bundle cannot be reached.
import { Socket } from "node:net";
import { isMainThread } from "node:worker_threads";

const push = Reflect.get(Socket.prototype, "push");
let isFrozen = false;

function givesTheLock(chunk) {
  return chunk?.includes("com.microsoft:session-filter") && chunk.includes("redis-reset");
}

if (isMainThread) {
  Socket.prototype.push = function (chunk, ...rest) {
    if (!isFrozen && givesTheLock(chunk)) {
      isFrozen = true;
      process.kill(process.pid, "SIGSTOP");
    }
    return Reflect.apply(push, this, [chunk, ...rest]);
  };
}
