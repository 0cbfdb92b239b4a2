import type { FleetProcess } from "../process/fleet-process.ts";
import type { ProcessEnd } from "../process/process-end.ts";
import type { RedisProgram } from "../redis/redis-program.ts";

export type ProcessKind = "api" | "broker" | "redis" | "worker";

/** What a fleet on one machine consists of. */
export interface FleetPlan {
  /** The environment that every process gets, beside what the fleet itself decides. */
  readonly env: NodeJS.ProcessEnv;
  /** A program to run as the fleet's own server, or a server that runs already. */
  readonly redis: RedisProgram | { readonly kind: "given"; readonly url: string };
  /** Further parameters of an own redis-server. */
  readonly redisParameters?: readonly string[];
  readonly apiHost: string;
  /** A port for each API. */
  readonly apiPorts: readonly number[];
  readonly workers: number;
  /** An existing folder: a log for each process. */
  readonly logFolder: string;
  /** Whether the broker's faults can be switched on over HTTP by whoever has its key. @default false */
  readonly brokerFaults?: boolean;
  readonly observer?: FleetObserver;
}

/** Who is told what happens in a fleet. */
export interface FleetObserver {
  /** A process printed a line. */
  line(name: string, line: string): void;
  /** A process that had been ready ended without being asked to. */
  ended(kind: ProcessKind, end: ProcessEnd): void;
}

/** An API process and where it answers. */
export interface FleetApi {
  readonly process: FleetProcess;
  /** For example `http://127.0.0.1:8000`. */
  readonly url: string;
}
