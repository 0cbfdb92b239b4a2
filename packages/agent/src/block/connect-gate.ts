import { patchMethod } from "../sockets/patch-method.ts";
import type { Method } from "../sockets/read-method.ts";
import { readConnectAttempt, type ConnectAttempt } from "./connect-attempt.ts";
import { findHandlePrototypes } from "./handle-prototypes.ts";

/** Stands between the sockets of this thread and the kernel. Neither member may throw. */
export interface ConnectGate {
  /** Asked at every attempt: false as long as everything passes. */
  readonly isShut: boolean;
  /** Takes an attempt over, to refuse or retry it, or lets it pass: false. */
  takes(attempt: ConnectAttempt): boolean;
}

/** The gates of all copies of this module; the version changes with the shape of ConnectGate and ConnectAttempt. */
const REGISTRY = Symbol.for("fleetquake.connect-gate.1");

/**
 * Puts a gate before every attempt of this thread to connect from now on.
 *
 * It sits where Node hands an attempt to the kernel, after the name was resolved: what a network rule sees. What Node
 * and the client libraries make of an attempt, they make of it themselves (TLS, several addresses of a name, errors,
 * timeouts). However many gates and copies of this package there are: the handles are patched once.
 *
 * @returns ends it; null where the attempts cannot be seen.
 */
export function onEveryAttempt(gate: ConnectGate): (() => void) | null {
  const gates = registry();
  if (gates === null) {
    return null;
  }
  gates.add(gate);
  return () => gates.delete(gate);
}

function registry(): Set<ConnectGate> | null {
  const existing: unknown = Reflect.get(globalThis, REGISTRY);
  if (isRegistry(existing)) {
    return existing;
  }
  const gates = new Set<ConnectGate>();
  const prototypes = findHandlePrototypes();
  const isPatched =
    prototypes !== null &&
    patchConnect(prototypes.tcp, "connect", gates) &&
    patchConnect(prototypes.tcp, "connect6", gates) &&
    patchConnect(prototypes.pipe, "connect", gates);
  if (!isPatched) {
    return null;
  }
  Object.defineProperty(globalThis, REGISTRY, { value: gates });
  return gates;
}

function isRegistry(value: unknown): value is Set<ConnectGate> {
  return value instanceof Set;
}

function patchConnect(
  prototype: object,
  name: "connect" | "connect6",
  gates: ReadonlySet<ConnectGate>,
): boolean {
  return patchMethod(prototype, name, (original) => {
    const connect: Method = function (this: unknown, ...args) {
      for (const gate of gates) {
        if (gate.isShut && isTaken(gate, readConnectAttempt(connect, this, args))) {
          return 0;
        }
      }
      return Reflect.apply(original, this, args);
    };
    return connect;
  });
}

/** The application's call goes through, whatever becomes of the gate. */
function isTaken(gate: ConnectGate, attempt: ConnectAttempt | null): boolean {
  try {
    return attempt !== null && gate.takes(attempt);
  } catch (cause) {
    process.emitWarning(new Error("fleetquake: a connection could not be looked at", { cause }));
    return false;
  }
}
