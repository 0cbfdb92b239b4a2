import type { FleetStatus, LedgerEntry, ReplicaStatus } from "@fleetquake/contract";
import type { CoordinatorOptions } from "./coordinator-options.ts";
import { FleetCoordinator } from "./fleet-coordinator.ts";
import type {
  CommandOrigin,
  DryRunResult,
  InjectRequest,
  InjectResult,
  RecoverRequest,
} from "./inject-request.ts";
import type { Refusal } from "./refusal.ts";

/** Injects faults into a fleet and keeps the books; one for each API replica. */
export interface Coordinator extends AsyncDisposable {
  /** Starts to listen. Resolves when the bus has tried to connect once; connecting goes on by itself. */
  start(): Promise<void>;
  /** Publishes a command, or says why not. Rejects only for a failure that nobody foresaw. */
  inject(request: InjectRequest): Promise<InjectResult>;
  /**
   * Ends a fault in the whole fleet, also while the roster is warming (the outcome is partial then). Waits for everybody
   * who is there, and for whoever is not heard and may be under the fault.
   */
  recover(request: RecoverRequest): Promise<InjectResult>;
  /**
   * Ends every fault of the fleet and lets no new one begin, first of all: without lock or cool-down, also while the roster
   * is warming. With the bus down it is refused, holds for this API all the same, and goes out when the bus is back.
   */
  halt(origin: CommandOrigin): Promise<InjectResult>;
  /** Lets faults through again. */
  release(origin: CommandOrigin): Promise<InjectResult>;
  /** Why a fault cannot be injected beside what is at work already, from memory; null: nothing is in the way. */
  conflict(order: InjectRequest["order"]): Refusal | null;
  /** An id for a command that is about to be sent; later ones sort after earlier ones. */
  newCommandId(): string;
  /** How a fault is refused while the fleet is halted; null: it is not. */
  haltRefusal(): Refusal | null;
  /** Publishes nothing. */
  dryRun(request: InjectRequest): DryRunResult;
  /** From memory; never waits for the bus or for Redis. */
  status(): FleetStatus;
  /** Everybody who is remembered, also those who left a short while ago. */
  replicas(): readonly ReplicaStatus[];
  replica(replicaId: string): ReplicaStatus | undefined;
  /**
   * Recent commands of the whole fleet, newest first.
   * @param page `before`: the `next` of the page before; one that is not remembered any more gives an empty page
   */
  commands(page: { readonly limit: number; readonly before?: string }): {
    readonly entries: readonly LedgerEntry[];
    readonly next: string | null;
  };
  /** Amended by late answers and recovery reports; undefined when it is not (or no longer) remembered. */
  command(commandId: string): LedgerEntry | undefined;
  readiness(): { readonly busConnected: boolean; readonly roster: "warming" | "ready" };
  /** At shutdown: every collection that this API opened ends with what is known, and nothing is injected any more. */
  closeCollecting(): void;
  /** Includes `closeCollecting`; leaves no timer. The bus and the lock are closed by whoever made them. Idempotent. */
  close(): Promise<void>;
}

/** Makes a coordinator; nothing happens before `start`. */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  return new FleetCoordinator(options);
}
