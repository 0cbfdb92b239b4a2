import { silentLog, type LedgerEntry, type ReplicaState } from "@fleetquake/contract";
import type { CoordinatorOptions } from "../coordinator-options.ts";
import { createCoordinator, type Coordinator } from "../coordinator.ts";
import type { InjectRequest, InjectResult, RecoverRequest } from "../inject-request.ts";
import type { Refusal } from "../refusal.ts";
import { MemoryBroker } from "./memory-broker.ts";
import type { MemoryCommandBus } from "./memory-command-bus.ts";
import { ScriptedReplica } from "./scripted-replica.ts";
import { SuspendableClock } from "./suspendable-clock.ts";

/** Several coordinators and scripted replicas on one broker in memory, under one fake clock. */
export interface MemoryFleet extends AsyncDisposable {
  readonly clock: SuspendableClock;
  readonly broker: MemoryBroker;
  /** The first coordinator and its bus. */
  readonly coordinator: Coordinator;
  readonly bus: MemoryCommandBus;
  readonly coordinators: readonly Coordinator[];
  readonly buses: readonly MemoryCommandBus[];
  readonly replicas: readonly ScriptedReplica[];
  join(state: Partial<ReplicaState>): ScriptedReplica;
  replica(index: number): ScriptedReplica;
  /** One of the coordinators that it began with. */
  api(index: number): Coordinator;
  /** One more API replica, not started. */
  makeCoordinator(options?: Partial<CoordinatorOptions>): {
    readonly coordinator: Coordinator;
    readonly bus: MemoryCommandBus;
  };
}

export interface MemoryFleetOptions {
  readonly replicas?: number;
  readonly apis?: number;
  /** Move on until the rosters are ready. */
  readonly isWarm?: boolean;
  readonly options?: Partial<CoordinatorOptions>;
}

/** Starts it; closing leaves no timer behind. */
export async function startMemoryFleet({
  replicas = 3,
  apis = 1,
  isWarm = true,
  options = {},
}: MemoryFleetOptions = {}): Promise<MemoryFleet> {
  const clock = new SuspendableClock();
  const broker = new MemoryBroker(clock);
  const makeCoordinator = coordinatorMaker(broker, options);
  const first = makeCoordinator();
  const all = [first, ...Array.from({ length: apis - 1 }, () => makeCoordinator())];
  const scripted: ScriptedReplica[] = [];
  const join = (state: Partial<ReplicaState>): ScriptedReplica => {
    const replica = new ScriptedReplica(broker, state).start();
    scripted.push(replica);
    return replica;
  };
  await Promise.all(all.map(({ coordinator }) => coordinator.start()));
  for (let index = 1; index <= replicas; index += 1) {
    join({ replica_id: `r${index}` });
  }
  await clock.advance(isWarm ? 1_500 : 0);
  return {
    clock,
    broker,
    ...first,
    coordinators: all.map(({ coordinator }) => coordinator),
    buses: all.map(({ bus }) => bus),
    replicas: scripted,
    join,
    makeCoordinator,
    replica: (index) => itemAt(scripted, index),
    api: (index) => itemAt(all, index).coordinator,
    async [Symbol.asyncDispose]() {
      scripted.forEach((replica) => replica.freeze());
      const closing = Promise.all(all.map(({ coordinator }) => coordinator.close()));
      await clock.advance(2_000);
      await closing;
    },
  };
}

function itemAt<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) {
    throw new Error(`there is no number ${index}`);
  }
  return item;
}

function coordinatorMaker(
  broker: MemoryBroker,
  options: Partial<CoordinatorOptions>,
): MemoryFleet["makeCoordinator"] {
  let made = 0;
  return (more = {}) => {
    const bus = broker.makeBus();
    made += 1;
    const coordinator = createCoordinator({
      bus,
      lock: broker.lock,
      clock: broker.clock,
      issuer: `api-${made}`,
      coolDownInMs: 5_000,
      busTier: "embedded",
      heartbeatIntervalInMs: 1_000,
      heartbeatsPerSecond: 100,
      deadlineFloorInMs: () => 0,
      log: silentLog,
      ...options,
      ...more,
    });
    return { coordinator, bus };
  };
}

/** An ordinary request for the whole fleet. */
export function resetRequest(overrides: Partial<InjectRequest> = {}): InjectRequest {
  return {
    order: {
      fault: "redis-reset",
      action: "inject",
      parameters: { force: true, drain_timeout_ms: 5_000 },
    },
    caller: "tester",
    reason: null,
    ...overrides,
  };
}

/** An ordinary load of a minute for everybody but the APIs. */
export function loadRequest(overrides: Partial<InjectRequest> = {}): InjectRequest {
  return {
    order: {
      fault: "load",
      action: "inject",
      parameters: { level: "low", duration_seconds: 60, jobs_per_second: 0 },
    },
    caller: "tester",
    reason: null,
    ...overrides,
  };
}

/** The end of a fault. */
export function recoverRequest(fault: RecoverRequest["order"]["fault"]): RecoverRequest {
  return { order: { fault, action: "recover", parameters: {} }, caller: "tester", reason: null };
}

/** The entry of a request that must have been accepted, once it is closed. */
export async function entryOf(result: InjectResult): Promise<LedgerEntry> {
  return acceptedOf(result).closed;
}

/** @throws when the request was refused */
export function acceptedOf(result: InjectResult): Extract<InjectResult, { kind: "accepted" }> {
  if (result.kind !== "accepted") {
    throw new Error(`refused: ${result.refusal.code} ${result.refusal.detail}`);
  }
  return result;
}

/** @throws when the request was accepted */
export function refusalOf(result: InjectResult): Refusal {
  if (result.kind !== "refused") {
    throw new Error(`accepted as ${result.commandId}`);
  }
  return result.refusal;
}
