// Loaded into an API before its own code: stops the process (SIGSTOP) at the moment at which it has been given the lock of
// the fleet's resets, once. Holding it takes some ten milliseconds, too short to be met from outside.
import { ServiceBusClient } from "@azure/service-bus";

const acceptSession = Reflect.get(ServiceBusClient.prototype, "acceptSession");
let isFrozen = false;

ServiceBusClient.prototype.acceptSession = async function (queue, sessionId, ...options) {
  const session = await Reflect.apply(acceptSession, this, [queue, sessionId, ...options]);
  if (sessionId === "redis-reset" && !isFrozen) {
    isFrozen = true;
    process.kill(process.pid, "SIGSTOP");
  }
  return session;
};
