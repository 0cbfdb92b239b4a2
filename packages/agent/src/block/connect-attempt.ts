import { constants } from "node:os";
import type { EndpointName } from "../sockets/endpoint-set.ts";
import { readMethod, type Method } from "../sockets/read-method.ts";

/** As libuv gives it to Node: negative. */
const REFUSED = -constants.errno.ECONNREFUSED;

/** One attempt to connect, just before it goes to the kernel. */
export interface ConnectAttempt {
  /** What Node connects with: a handle of TCP or of a Unix socket, closed by Node when the attempt is given up. */
  readonly handle: object;
  /** The address it goes to, never a name; Unix sockets have the path as host and port 0. */
  readonly endpoint: EndpointName;
  /** Makes the attempt anew, through all gates. */
  retry(): void;
  /** Fails it as the kernel would: Node makes the error, in a later turn of the event loop. */
  refuse(): void;
}

/** @returns null when the call does not look like one of Node's: it is not for us then. */
export function readConnectAttempt(
  connect: Method,
  handle: unknown,
  args: readonly unknown[],
): ConnectAttempt | null {
  const [request, host, port = 0] = args;
  if (!isObject(handle) || !isObject(request)) {
    return null;
  }
  if (typeof host !== "string" || typeof port !== "number") {
    return null;
  }
  return {
    handle,
    endpoint: { host, port },
    retry() {
      const status = Reflect.apply(connect, handle, args);
      if (typeof status === "number" && status !== 0) {
        complete(request, handle, status);
      }
    },
    refuse() {
      setImmediate(() => complete(request, handle, REFUSED));
    },
  };
}

/** The kernel's answer as libuv would bring it; Node takes the callback away from an attempt that it has given up. */
function complete(request: object, handle: object, status: number): void {
  const oncomplete = readMethod(request, "oncomplete");
  if (oncomplete !== undefined) {
    Reflect.apply(oncomplete, request, [status, handle, request, false, false]);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
