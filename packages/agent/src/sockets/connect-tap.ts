import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { EndpointName } from "./endpoint-set.ts";
import { patchMethod } from "./patch-method.ts";
import { readObject } from "./read-method.ts";

/** What happened to a socket of this process. */
export interface ConnectListener {
  /** A socket was told to connect to `target`. */
  onConnect(socket: Socket, target: EndpointName): void;
  /** TLS was put upon an existing socket: the two are one connection. */
  onWrapped(outer: Socket, inner: Socket): void;
}

/** The listeners of all copies of this module; the version changes with the shape of ConnectListener. */
const REGISTRY = Symbol.for("fleetquake.connect-tap.1");

/**
 * Tells a listener of every outgoing socket of this thread from now on. However many listeners there are and however
 * many copies of this package a process has loaded: `connect` is patched once.
 *
 * A listener must not throw: it runs inside the application's call.
 * @returns ends it.
 */
export function onEveryConnect(listener: ConnectListener): () => void {
  const listeners = registry();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function registry(): Set<ConnectListener> {
  const existing: unknown = Reflect.get(globalThis, REGISTRY);
  if (isRegistry(existing)) {
    return existing;
  }
  const listeners = new Set<ConnectListener>();
  Object.defineProperty(globalThis, REGISTRY, { value: listeners });
  patchConnect(listeners);
  patchTlsInit(listeners);
  return listeners;
}

function isRegistry(value: unknown): value is Set<ConnectListener> {
  return value instanceof Set;
}

function patchConnect(listeners: ReadonlySet<ConnectListener>): void {
  patchMethod(Socket.prototype, "connect", (original) => {
    return function connect(this: unknown, ...args) {
      const result = Reflect.apply(original, this, args);
      if (listeners.size > 0 && this instanceof Socket) {
        const target = readTarget(args);
        tell(listeners, (listener) => listener.onConnect(this, target));
      }
      return result;
    };
  });
}

/** `tls.connect({ socket })` never connects its outer socket; `_init` is where Node binds it to the inner one. */
function patchTlsInit(listeners: ReadonlySet<ConnectListener>): void {
  patchMethod(TLSSocket.prototype, "_init", (original) => {
    return function _init(this: unknown, ...args) {
      const result = Reflect.apply(original, this, args);
      const inner = args[0];
      if (inner instanceof Socket && this instanceof TLSSocket && !isServerSide(this)) {
        tell(listeners, (listener) => listener.onWrapped(this, inner));
      }
      return result;
    };
  });
}

/** The application's call goes through, whatever becomes of the listeners. */
function tell(
  listeners: ReadonlySet<ConnectListener>,
  inform: (listener: ConnectListener) => void,
): void {
  for (const listener of listeners) {
    try {
      inform(listener);
    } catch (cause) {
      process.emitWarning(new Error("fleetquake: a socket could not be looked at", { cause }));
    }
  }
}

function isServerSide(socket: TLSSocket): boolean {
  const options = readObject(socket, "_tlsOptions");
  return options !== undefined && Reflect.get(options, "isServer") === true;
}

/** The forms of `socket.connect`: (options), (port, host), (path), or what Node has already made of one of them. */
function readTarget(args: readonly unknown[]): EndpointName {
  const first: unknown = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof first === "object" && first !== null) {
    const { host, port, path }: { host?: unknown; port?: unknown; path?: unknown } = first;
    return typeof path === "string"
      ? { host: path, port: 0 }
      : { host: hostName(host), port: Number(port ?? 0) };
  }
  const port = Number(first);
  if (typeof first === "string" && !Number.isInteger(port)) {
    return { host: first, port: 0 };
  }
  return { host: hostName(args[1]), port };
}

function hostName(host: unknown): string {
  return typeof host === "string" && host !== "" ? host : "localhost";
}
