import type { BrokerTime, CommandOrder, Log } from "@fleetquake/contract";
import { ulid } from "ulid";
import { expectedSet, presentMembers } from "../dispatch/expected-set.ts";
import { plannedHeader } from "../dispatch/plan-command.ts";
import type { Publication } from "../dispatch/publication.ts";
import { refuseWithoutLock } from "../dispatch/refuse-without-lock.ts";
import type { CommandOrigin, InjectResult } from "../inject-request.ts";
import type { FleetLock, HeldLock } from "../ports/fleet-lock.ts";
import type { FaultRecord } from "../records/fault-record.ts";
import { readHaltRecord, type HaltRecord } from "../records/halt-record.ts";
import { refuseBusUnavailable, refused, refuseShuttingDown } from "../refusal.ts";
import type { RosterRow } from "../roster/roster.ts";
import type { Standings } from "../standings.ts";
import type { HaltState } from "./halt-state.ts";

export interface HaltingOptions {
  readonly state: HaltState;
  readonly lock: FleetLock;
  readonly publication: Publication;
  readonly standings: Standings;
  readonly brokerTime: BrokerTime;
  readonly log: Log;
  readonly issuer: string;
  readonly deadlineFloorInMs: (expectedReplicas: number) => number;
  readonly rows: () => readonly RosterRow[];
  readonly isRosterComplete: () => boolean;
  /** The highest epoch that any replica reported. */
  readonly highestEpoch: () => number;
  /** Fires at shutdown. */
  readonly ending: AbortSignal;
}

const LOCK_NAME = "halt";
const LOCK_TIMEOUT_IN_MS = 2_000;
const DEADLINE_IN_MS = 5_000;

/** Halts the fleet and releases it, and keeps what stands written about it in step with what is known here. */
export class Halting {
  readonly #options: HaltingOptions;
  /** A halt that never went out, because the bus was down; it goes out when the bus is back. */
  #unpublished: CommandOrigin | null = null;
  #isInStep = false;
  #isLooking = false;
  /** Grows whenever what is written may have fallen behind. */
  #changes = 0;

  constructor(options: HaltingOptions) {
    this.#options = options;
  }

  /** Whether this API has read what stands written, since it was connected: before that it cannot rule a halt out. */
  get isInStep(): boolean {
    return this.#isInStep;
  }

  /**
   * Publishes a halt: first of all, without lock or cool-down. From this moment on this API refuses new faults, also
   * when the bus is down; the halt goes out then as soon as the bus is back.
   */
  async halt(origin: CommandOrigin): Promise<InjectResult> {
    const { state, log, ending } = this.#options;
    if (ending.aborted) {
      return refused(refuseShuttingDown());
    }
    const order = {
      fault: "halt",
      action: "inject",
      parameters: { reason: origin.reason ?? "" },
    } as const;
    const record = this.#recordOf(order, origin);
    state.observe(record);
    const accepted = await this.#publish(order, origin, record);
    if (accepted === null) {
      const { caller, reason, trace } = origin;
      this.#unpublished = { caller, reason, ...(trace !== undefined && { trace }) };
      log.warn("halt-not-published", { command_id: record.commandId });
      return refused({ ...refuseBusUnavailable(), halt: record });
    }
    this.#unpublished = null;
    this.#fallBehind();
    void this.look();
    return accepted;
  }

  /** Lets faults through again: written down first, so that a restarted API does not halt the fleet anew. */
  async release(origin: CommandOrigin): Promise<InjectResult> {
    const { ending } = this.#options;
    if (ending.aborted) {
      return refused(refuseShuttingDown());
    }
    const reached: { result: InjectResult | null } = { result: null };
    try {
      return await this.#withLock(async (held) => {
        reached.result = await this.#releaseUnderLock(held, origin);
        return reached.result;
      });
    } catch (error) {
      // What was published stays published, whatever became of the lock afterwards.
      return reached.result ?? refuseWithoutLock(error, this.#options);
    }
  }

  /** To be called when the bus is (again) connected: whatever happened meanwhile is not known yet. */
  connected(): Promise<void> {
    this.#fallBehind();
    return this.look();
  }

  /**
   * To be called every second while the bus is connected: publishes a halt that could not go out, and reads and writes
   * what stands written, as far as that is still to be done. What fails is left to the next call; never rejects.
   */
  async look(): Promise<void> {
    if (this.#isLooking || this.#options.ending.aborted) {
      return;
    }
    this.#isLooking = true;
    try {
      if (this.#unpublished !== null) {
        await this.halt(this.#unpublished);
      }
      while (!this.#isInStep) {
        const seen = this.#changes;
        await this.#withLock((held) => this.#synchronize(held));
        this.#isInStep = seen === this.#changes;
      }
    } catch (error) {
      this.#options.log.warn("halt-record-out-of-step", { error });
    } finally {
      this.#isLooking = false;
    }
  }

  async #releaseUnderLock(held: HeldLock, origin: CommandOrigin): Promise<InjectResult> {
    const { state } = this.#options;
    this.#observeWritten(await held.read());
    const order = {
      fault: "halt",
      action: "recover",
      parameters: { reason: origin.reason ?? "" },
    } as const;
    const record = this.#recordOf(order, origin);
    await held.write(record);
    const accepted = await this.#publish(order, origin, record);
    if (accepted === null) {
      this.#takeBack(record);
      return refused(refuseBusUnavailable());
    }
    this.#unpublished = null;
    state.observe(record);
    return accepted;
  }

  /** What a release that was not published has written down is overwritten: a halt of the same epoch is above it. */
  #takeBack(release: HaltRecord): void {
    const { state } = this.#options;
    state.voidRelease(release.commandId);
    const { witnessed } = state;
    if (witnessed !== null) {
      state.observe({ ...witnessed, epoch: release.epoch });
    }
    this.#fallBehind();
    void this.look();
  }

  #fallBehind(): void {
    this.#isInStep = false;
    this.#changes += 1;
  }

  /** A halt that stands is written down for APIs and replicas that come later, unless something newer is. */
  async #synchronize(held: HeldLock): Promise<void> {
    const written = this.#observeWritten(await held.read());
    const { witnessed } = this.#options.state;
    const isMissing =
      written === null ||
      written.epoch < (witnessed?.epoch ?? 0) ||
      (written.epoch === witnessed?.epoch && !written.isHalted);
    if (witnessed !== null && isMissing) {
      await held.write(witnessed);
    }
  }

  #observeWritten(state: unknown): HaltRecord | null {
    const written = readHaltRecord(state);
    if (written !== null) {
      this.#options.state.observe(written);
    } else if (state !== null) {
      this.#options.log.warn("halt-record-unreadable");
    }
    return written;
  }

  #withLock<T>(use: (held: HeldLock) => Promise<T>): Promise<T> {
    const { lock, ending } = this.#options;
    return lock.withLock(LOCK_NAME, use, {
      timeoutInMs: LOCK_TIMEOUT_IN_MS,
      abortSignal: ending,
    });
  }

  /** @returns null when certainly nothing went out */
  async #publish(
    order: CommandOrder,
    origin: CommandOrigin,
    record: HaltRecord,
  ): Promise<Extract<InjectResult, { kind: "accepted" }> | null> {
    const { brokerTime, deadlineFloorInMs, isRosterComplete, issuer, publication } = this.#options;
    this.#options.standings.observe("halt", faultRecordOf(order, record, issuer));
    const expected = expectedSet(presentMembers(this.#options.rows()));
    const header = plannedHeader(
      { ...origin, order },
      {},
      {
        record: { ...record, issuer },
        isRosterComplete: isRosterComplete(),
        openedAtInMs: brokerTime.nowInMs(),
        deadlineInMs: Math.max(DEADLINE_IN_MS, deadlineFloorInMs(expected.length)),
      },
    );
    return publication.publish(header, expected);
  }

  #recordOf(order: CommandOrder, { caller, reason, commandId }: CommandOrigin): HaltRecord {
    const { brokerTime, standings, highestEpoch, state } = this.#options;
    const atInMs = Math.floor(brokerTime.nowInMs());
    const highest = Math.max(standings.highestEpoch, highestEpoch(), state.latest?.epoch ?? 0);
    return {
      commandId: commandId ?? ulid(atInMs),
      epoch: highest + 1,
      isHalted: order.action === "inject",
      caller,
      reason: reason ?? "",
      atInMs,
    };
  }
}

/** A halt is a command like any other to the standings: it raises the epoch, and ends what lasted before it. */
function faultRecordOf(order: CommandOrder, record: HaltRecord, issuer: string): FaultRecord {
  return {
    commandId: record.commandId,
    action: order.action,
    epoch: record.epoch,
    acceptedAtInMs: record.atInMs,
    collectingUntilInMs: 0,
    coolDownUntilInMs: 0,
    activeUntilInMs: 0,
    issuer,
    caller: record.caller,
  };
}
