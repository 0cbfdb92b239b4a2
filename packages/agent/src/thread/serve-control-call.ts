import type { RedisControl } from "../control/redis-control.ts";
import type { ControlAnswer, ControlCall } from "./control-call.ts";

/** Makes a call on the control connection that this thread holds. */
export async function serveControlCall(
  control: RedisControl,
  call: ControlCall,
): Promise<ControlAnswer> {
  switch (call.method) {
    case "clientList": {
      const { endpoint, ids, timeoutInMs } = call;
      const options = ids === null ? { timeoutInMs } : { ids, timeoutInMs };
      return { method: call.method, rows: await control.clientList(endpoint, options) };
    }
    case "unblock": {
      const { endpoint, ids, timeoutInMs } = call;
      return { method: call.method, isDone: await control.unblock(endpoint, { ids, timeoutInMs }) };
    }
    case "localAddresses":
      return { method: call.method, addresses: await control.localAddresses() };
  }
}
