import type { Socket } from "node:net";
import { constants } from "node:os";
import { readObject, type Method } from "./read-method.ts";

/** The TCP handle behind a socket: TLS has one of its own in front, whose `_parent` it is; pipes know no reset. */
interface TcpHandle {
  close: Method;
  readonly reset: Method;
}

/** The error's number as libuv gives it: negative. */
const RESET_NUMBER = -constants.errno.ECONNRESET;

/** It is not where a process runs with frozen intrinsics. */
const IS_STACK_LIMIT_WRITABLE =
  Object.getOwnPropertyDescriptor(Error, "stackTraceLimit")?.writable === true;

/**
 * Cuts an established connection with a TCP reset; the application sees the `read ECONNRESET` of a real incident.
 *
 * `socket.resetAndDestroy()` refuses TLS and reports nothing to the application. Here the TCP handle's `close` becomes
 * its `reset`, TLS or not, and the socket is destroyed with the error. A socket that knows no reset (Unix) or that is
 * shutting down already is closed. Works on Node 20, 22 and 24.
 */
export function resetSocket(socket: Socket): void {
  const handle = tcpHandle(socket);
  if (handle !== undefined) {
    handle.close = closeByReset;
  }
  // An error that nobody listens to ends the process.
  socket.on("error", ignoreError);
  socket.destroy(connectionReset("read"));
}

/** Gives up a connection that is still being opened. */
export function abortConnecting(socket: Socket): void {
  socket.on("error", ignoreError);
  socket.destroy(connectionReset("connect"));
}

/** A handle's `close` from now on; one function for all handles, a closure for each costs a microsecond. */
function closeByReset(this: unknown, callback: unknown): void {
  // libuv refuses to reset a stream that is shutting down.
  if (isTcpHandle(this) && Reflect.apply(this.reset, this, [callback]) !== 0) {
    Reflect.deleteProperty(this, "close");
    Reflect.apply(this.close, this, [callback]);
  }
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

function isTcpHandle(handle: unknown): handle is TcpHandle {
  return typeof handle === "object" && handle !== null && "reset" in handle;
}

/**
 * Without a trace, which would only show the agent and cost more than all the rest of a close (25 of 40 µs). The stack
 * is set because Node reads it, and V8 would go through its formatting for nothing.
 */
function connectionReset(syscall: "read" | "connect"): Error {
  const message = `${syscall} ECONNRESET`;
  const limit = Error.stackTraceLimit;
  if (IS_STACK_LIMIT_WRITABLE) {
    Error.stackTraceLimit = 0;
  }
  const error = new Error(message);
  if (IS_STACK_LIMIT_WRITABLE) {
    Error.stackTraceLimit = limit;
  }
  const stack = `Error: ${message}`;
  return Object.assign(error, { stack, errno: RESET_NUMBER, code: "ECONNRESET", syscall });
}

function ignoreError(): void {
  // Whoever listens has been told.
}
