import type { Socket } from "node:net";
import { constants } from "node:os";
import { readMethod, readObject, type Method } from "./read-method.ts";

/** The TCP handle behind a socket: TLS has one of its own in front, whose `_parent` it is; pipes know no reset. */
interface TcpHandle {
  close: Method;
  readonly reset: Method;
}

/**
 * Cuts an established connection with a TCP reset; the application sees the `read ECONNRESET` of a real incident.
 *
 * `socket.resetAndDestroy()` refuses TLS and reports nothing to the application. Here the TCP handle's `close` becomes
 * its `reset`, TLS or not, and the socket is destroyed with the error. A socket that knows no reset (Unix) or that is
 * shutting down already is closed. Works on Node 20, 22 and 24.
 */
export function resetSocket(socket: Socket): void {
  closeByReset(socket);
  // An error that nobody listens to ends the process.
  socket.on("error", ignoreError);
  socket.destroy(connectionReset("read"));
}

/** Gives up a connection that is still being opened. */
export function abortConnecting(socket: Socket): void {
  socket.on("error", ignoreError);
  socket.destroy(connectionReset("connect"));
}

function closeByReset(socket: Socket): void {
  const handle = tcpHandle(socket);
  if (handle === undefined) {
    return;
  }
  const { close, reset } = handle;
  handle.close = (callback) => {
    // libuv refuses to reset a stream that is shutting down.
    if (Reflect.apply(reset, handle, [callback]) !== 0) {
      Reflect.apply(close, handle, [callback]);
    }
  };
}

/** TLS upon a socket that was not connected yet hides the handle behind a stream: then it is the inner socket's. */
function tcpHandle(socket: Socket): TcpHandle | undefined {
  const handle = readObject(socket, "_handle");
  if (isTcpHandle(handle)) {
    return handle;
  }
  const parent = handle && readObject(handle, "_parent");
  if (isTcpHandle(parent)) {
    return parent;
  }
  const inner = readObject(socket, "_parent");
  const innerHandle = inner && readObject(inner, "_handle");
  return isTcpHandle(innerHandle) ? innerHandle : undefined;
}

function isTcpHandle(handle: object | undefined): handle is TcpHandle {
  return handle !== undefined && readMethod(handle, "reset") !== undefined;
}

function connectionReset(syscall: "read" | "connect"): Error {
  return Object.assign(new Error(`${syscall} ECONNRESET`), {
    errno: -constants.errno.ECONNRESET,
    code: "ECONNRESET",
    syscall,
  });
}

function ignoreError(): void {
  // Whoever listens has been told.
}
