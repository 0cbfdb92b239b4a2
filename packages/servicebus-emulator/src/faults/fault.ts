import type { Clock } from "../entities/clock.ts";
import type { Namespace } from "../entities/namespace.ts";
import type { JsonObjectReader } from "../json/json-object-reader.ts";
import type { FaultHooks } from "./fault-hooks.ts";

/** The client connections, as faults treat them. */
export interface FaultableConnections {
  /** Takes new connections and answers nothing, on any of them. */
  freeze(): void;
  /** Reads and answers what has come meanwhile. */
  thaw(): void;
  /** Cuts every connection at once; returns how many. */
  cutAll(): number;
  /** Cuts new connections as soon as they speak, until told otherwise. */
  refuseNew(refusesNew: boolean): void;
}

/** What faults are done to. */
export interface FaultTarget {
  readonly clock: Clock;
  readonly hooks: FaultHooks;
  readonly namespace: Namespace;
  readonly connections: FaultableConnections;
}

/** A fault that has been started. */
export type StartedFault =
  /** It lasts until it is ended. */
  | { readonly kind: "lasting"; readonly end: () => void }
  /** It is over already; `affected` counts links, locks, connections or entities. */
  | { readonly kind: "done"; readonly affected: number };

/** A fault, with its options checked. */
export type PreparedFault = (target: FaultTarget) => StartedFault;

/** One thing that can go wrong with a broker. */
export interface Fault {
  /** Whether it takes `durationInMs`. */
  readonly canLast: boolean;
  /** Reads its options; what is wrong with them is noted in the reader. */
  prepare(options: JsonObjectReader): PreparedFault;
}
