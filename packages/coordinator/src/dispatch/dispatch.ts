import type { BrokerTime, Clock, CommandOrder, Log } from "@fleetquake/contract";
import { ulid } from "ulid";
import type {
  CommandOrigin,
  InjectRequest,
  InjectResult,
  RecoverRequest,
} from "../inject-request.ts";
import type { FleetLock } from "../ports/fleet-lock.ts";
import { readFaultRecord, type FaultRecord } from "../records/fault-record.ts";
import { refuseBusUnavailable, refused, refuseInFlight, refuseShuttingDown } from "../refusal.ts";
import { settleWithin } from "../settle-within.ts";
import type { Standings } from "../standings.ts";
import { lockedFaults, withFaultLocks, type HeldFaultLock } from "./command-locks.ts";
import { deadline } from "./deadline.ts";
import { endCollecting } from "./end-collecting.ts";
import { expectedSet } from "./expected-set.ts";
import { plannedHeader, reservation } from "./plan-command.ts";
import type { Publication } from "./publication.ts";
import { refuseWithoutLock } from "./refuse-without-lock.ts";
import type { ResolvedTarget, TargetResolution } from "./resolve-target.ts";

export interface DispatchOptions {
  readonly lock: FleetLock;
  readonly publication: Publication;
  readonly standings: Standings;
  readonly clock: Clock;
  readonly brokerTime: BrokerTime;
  readonly log: Log;
  readonly issuer: string;
  readonly coolDownInMs: number;
  readonly deadlineFloorInMs: (expectedReplicas: number) => number;
  /** Judges a request by what is known at this moment. */
  readonly admit: (request: InjectRequest | RecoverRequest) => TargetResolution;
  readonly isRosterComplete: () => boolean;
  /** The highest epoch that any replica reported. */
  readonly highestEpoch: () => number;
  /** Fires at shutdown: from now on everything is refused; whoever waits for the lock is turned away. */
  readonly ending: AbortSignal;
}

type CommandRequest = (InjectRequest | RecoverRequest) & { readonly deadlineInMs?: number };

/** A lock with what was written under it when it was taken. */
interface ReadLock {
  readonly lock: HeldFaultLock;
  readonly previous: FaultRecord | null;
}

const LOCK_TIMEOUT_IN_MS = 2_000;

/** The way of a command: judged from memory, judged again under its fault's lock, reserved, published. */
export class Dispatch {
  readonly #options: DispatchOptions;
  /** Only one request of this process goes for a fault's lock; settled when it has been accepted or refused. */
  readonly #inFlight = new Map<string, Promise<InjectResult>>();

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  /** Publishes a command, or says why not; rejects only for a failure that nobody foresaw. */
  async send(request: CommandRequest): Promise<InjectResult> {
    const { fault } = request.order;
    const earlier = this.#inFlight.get(fault);
    if (earlier !== undefined && this.#options.admit(request).kind === "resolved") {
      // Whose command is in the way is known only when the lock has been decided on, perhaps for another API.
      await settleWithin(this.#options.clock, earlier, LOCK_TIMEOUT_IN_MS);
    }
    const judged = this.judge(request);
    if (judged.kind === "refused") {
      return judged;
    }
    const commandId = request.commandId ?? ulid(Math.floor(this.#options.brokerTime.nowInMs()));
    const taking = this.#takeLock(request, commandId).finally(() => {
      this.#inFlight.delete(fault);
    });
    this.#inFlight.set(fault, taking);
    return taking;
  }

  /** What would become of a request, from memory alone. */
  judge(request: InjectRequest | RecoverRequest): TargetResolution {
    if (this.#options.ending.aborted) {
      return refused(refuseShuttingDown());
    }
    const judged = this.#options.admit(request);
    return judged.kind === "resolved" && this.#inFlight.has(request.order.fault)
      ? refused(refuseInFlight(this.#options.issuer))
      : judged;
  }

  async #takeLock(request: CommandRequest, commandId: string): Promise<InjectResult> {
    const reached: { result: InjectResult | null } = { result: null };
    try {
      return await withFaultLocks(
        { lock: this.#options.lock, faults: lockedFaults(request.order) },
        async (held) => {
          reached.result = await this.#underLock(held, request, commandId);
          return reached.result;
        },
        { timeoutInMs: LOCK_TIMEOUT_IN_MS, abortSignal: this.#options.ending },
      );
    } catch (error) {
      // What was published stays published, whatever became of the lock afterwards.
      return reached.result ?? refuseWithoutLock(error, this.#options);
    }
  }

  async #underLock(
    locks: readonly HeldFaultLock[],
    request: CommandRequest,
    commandId: string,
  ): Promise<InjectResult> {
    const { admit, ending, publication, standings } = this.#options;
    const held: ReadLock[] = [];
    for (const lock of locks) {
      held.push({ lock, previous: await this.#readRecord(lock) });
    }
    const judged = ending.aborted ? refused(refuseShuttingDown()) : admit(request);
    if (judged.kind === "refused") {
      return judged;
    }
    const record = this.#reserve(request, judged.resolved, commandId);
    try {
      for (const { lock } of held) {
        await lock.write(recordUnder(lock.fault, request.order, record));
      }
    } catch (error) {
      // It may have been written all the same, and would then cool the fleet down for nothing.
      publication.voidCommand(record);
      throw error;
    }
    if (ending.aborted) {
      publication.voidCommand(record);
      await this.#restore(held, record);
      return refused(refuseShuttingDown());
    }
    standings.observe(request.order.fault, record);
    return this.#publish(request, judged.resolved, { held, record });
  }

  async #readRecord(held: HeldFaultLock): Promise<FaultRecord | null> {
    const { fault } = held;
    const state = await held.read();
    const record = readFaultRecord(state);
    if (record !== null) {
      this.#options.standings.observe(fault, record);
    } else if (state !== null) {
      this.#options.log.warn("fault-record-unreadable", { fault });
    }
    return record;
  }

  #reserve(request: CommandRequest, resolved: ResolvedTarget, commandId: string): FaultRecord {
    const { brokerTime, coolDownInMs, highestEpoch, issuer, standings } = this.#options;
    return reservation({
      commandId,
      order: request.order,
      highestEpoch: Math.max(standings.highestEpoch, highestEpoch()),
      nowInMs: brokerTime.nowInMs(),
      deadlineInMs: this.#deadlineInMs(request, resolved),
      coolDownInMs,
      issuer,
      caller: request.caller,
    });
  }

  async #publish(
    request: CommandRequest,
    resolved: ResolvedTarget,
    { held, record }: { readonly held: readonly ReadLock[]; readonly record: FaultRecord },
  ): Promise<InjectResult> {
    const { brokerTime, isRosterComplete, publication } = this.#options;
    const origin: CommandOrigin & { readonly order: CommandOrder } = request;
    const header = plannedHeader(origin, resolved.commandTarget, {
      record,
      isRosterComplete: isRosterComplete(),
      openedAtInMs: brokerTime.nowInMs(),
      deadlineInMs: this.#deadlineInMs(request, resolved),
    });
    const accepted = await publication.publish(header, expectedSet(resolved.expected));
    if (accepted === null) {
      await this.#restore(held, record);
      return refused(refuseBusUnavailable());
    }
    void accepted.closed.then(() => endCollecting(request.order.fault, record, this.#options));
    return accepted;
  }

  #deadlineInMs(request: CommandRequest, resolved: ResolvedTarget): number {
    return deadline({
      order: request.order,
      askedInMs: request.deadlineInMs,
      floorInMs: this.#options.deadlineFloorInMs(resolved.expected.length),
    });
  }

  async #restore(held: readonly ReadLock[], record: FaultRecord): Promise<void> {
    const nothing = {
      ...record,
      collectingUntilInMs: 0,
      coolDownUntilInMs: 0,
      activeUntilInMs: 0,
    };
    try {
      for (const { lock, previous } of held) {
        await lock.write({ ...(previous ?? nothing), epoch: record.epoch });
      }
    } catch (error) {
      // The void command's id is remembered here, and the other APIs hear of it when the bus is back.
      this.#options.log.warn("record-not-restored", { command_id: record.commandId, error });
    }
  }
}

/** A block that a reset leaves behind has neither answers nor a cool-down of its own. */
function recordUnder(fault: string, order: CommandOrder, record: FaultRecord): FaultRecord {
  return fault === order.fault
    ? record
    : { ...record, collectingUntilInMs: 0, coolDownUntilInMs: 0 };
}
