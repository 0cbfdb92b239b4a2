import { BUS_SCHEMA_VERSION, type BrokerTime, type Clock, type Log } from "@fleetquake/contract";
import { ulid } from "ulid";
import type { CoolDown } from "../cool-down.ts";
import type { InjectRequest, InjectResult } from "../inject-request.ts";
import { buildEntry } from "../ledger/build-entry.ts";
import type { Collection } from "../ledger/collection.ts";
import type { CollectionHeader } from "../ledger/collection-header.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openedParts } from "../ledger/opened-parts.ts";
import { BusUnavailableError, type CommandBus } from "../ports/command-bus.ts";
import {
  LockContendedError,
  type FaultRecord,
  type FleetLock,
  type HeldFaultLock,
} from "../ports/fleet-lock.ts";
import {
  refuseBusUnavailable,
  refuseContended,
  refuseInFlight,
  refuseShuttingDown,
  type Refusal,
} from "../refusal.ts";
import { settleWithin } from "../settle-within.ts";
import { timestampOf } from "../timestamp-of.ts";
import type { Announcements } from "./announcements.ts";
import { deadline } from "./deadline.ts";
import { expectedSet } from "./expected-set.ts";
import { commandMessage, plannedHeader, reservation } from "./plan-command.ts";
import type { ResolvedTarget, TargetResolution } from "./resolve-target.ts";

export interface DispatchOptions {
  readonly bus: CommandBus;
  readonly lock: FleetLock;
  readonly ledger: Ledger;
  readonly coolDown: CoolDown;
  readonly clock: Clock;
  readonly announcements: Announcements;
  readonly brokerTime: BrokerTime;
  readonly log: Log;
  readonly issuer: string;
  readonly coolDownInMs: number;
  readonly deadlineFloorInMs: (expectedReplicas: number) => number;
  /** Judges a request by what is known at this moment. */
  readonly admit: (request: InjectRequest) => TargetResolution;
  /** The highest epoch that any replica reported. */
  readonly highestEpoch: () => number;
}

const LOCK_TIMEOUT_IN_MS = 2_000;
const PUBLISH_TIMEOUT_IN_MS = 5_000;

/** The way of a command: judged from memory, judged again under the fleet's lock, reserved, published. */
export class Dispatch {
  readonly #options: DispatchOptions;
  readonly #ending = new AbortController();
  /** Only one request of this process goes for the lock; settled when it has been accepted or refused. */
  #inFlight: Promise<InjectResult> | null = null;

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  /** Publishes a command, or says why not; rejects only for a failure that nobody foresaw. */
  async inject(request: InjectRequest): Promise<InjectResult> {
    if (this.#inFlight !== null && this.#options.admit(request).kind === "resolved") {
      // Whose command is in the way is known only when the lock has been decided on, perhaps for another API.
      await settleWithin(this.#options.clock, this.#inFlight, LOCK_TIMEOUT_IN_MS);
    }
    const judged = this.judge(request);
    if (judged.kind === "refused") {
      return judged;
    }
    const commandId = ulid(Math.floor(this.#options.brokerTime.nowInMs()));
    this.#inFlight = this.#takeLock(request, commandId).finally(() => {
      this.#inFlight = null;
    });
    return this.#inFlight;
  }

  /** What would become of a request, from memory alone. */
  judge(request: InjectRequest): TargetResolution {
    if (this.#ending.signal.aborted) {
      return refused(refuseShuttingDown());
    }
    const judged = this.#options.admit(request);
    return judged.kind === "resolved" && this.#inFlight !== null
      ? refused(refuseInFlight(this.#options.issuer))
      : judged;
  }

  /** From now on everything is refused; whoever waits for the lock is turned away. */
  end(): void {
    this.#ending.abort();
  }

  async #takeLock(request: InjectRequest, commandId: string): Promise<InjectResult> {
    const reached: { result: InjectResult | null } = { result: null };
    try {
      return await this.#options.lock.withLock(
        request.fault,
        async (held) => {
          reached.result = await this.#underLock(held, request, commandId);
          return reached.result;
        },
        { timeoutInMs: LOCK_TIMEOUT_IN_MS, abortSignal: this.#ending.signal },
      );
    } catch (error) {
      // What was published stays published, whatever became of the lock afterwards.
      return reached.result ?? this.#withoutLock(error);
    }
  }

  #withoutLock(error: unknown): InjectResult {
    if (this.#ending.signal.aborted) {
      return refused(refuseShuttingDown());
    }
    if (error instanceof LockContendedError) {
      return refused(refuseContended());
    }
    if (error instanceof BusUnavailableError) {
      this.#options.log.warn("command-not-published", { error });
      return refused(refuseBusUnavailable());
    }
    throw error;
  }

  async #underLock(
    held: HeldFaultLock,
    request: InjectRequest,
    commandId: string,
  ): Promise<InjectResult> {
    const { admit, brokerTime, coolDown, coolDownInMs, highestEpoch, issuer } = this.#options;
    const previous = await held.read();
    if (previous !== null) {
      coolDown.observe(previous);
    }
    const judged = this.#ending.signal.aborted ? refused(refuseShuttingDown()) : admit(request);
    if (judged.kind === "refused") {
      return judged;
    }
    const record = reservation({
      commandId,
      highestEpoch: Math.max(coolDown.highestEpoch, highestEpoch()),
      nowInMs: brokerTime.nowInMs(),
      deadlineInMs: this.#deadlineInMs(request, judged.resolved),
      coolDownInMs,
      issuer,
      caller: request.caller,
    });
    try {
      await held.write(record);
    } catch (error) {
      // It may have been written all the same, and would then cool the fleet down for nothing.
      this.#voidCommand(record);
      throw error;
    }
    if (this.#ending.signal.aborted) {
      this.#voidCommand(record);
      await this.#restore(held, record, previous);
      return refused(refuseShuttingDown());
    }
    coolDown.observe(record);
    return this.#publish(request, judged.resolved, { held, record, previous });
  }

  async #publish(
    request: InjectRequest,
    resolved: ResolvedTarget,
    reserved: {
      readonly held: HeldFaultLock;
      readonly record: FaultRecord;
      readonly previous: FaultRecord | null;
    },
  ): Promise<InjectResult> {
    const { announcements, brokerTime, ledger } = this.#options;
    const { held, record, previous } = reserved;
    const header = plannedHeader(request, resolved, {
      record,
      openedAtInMs: brokerTime.nowInMs(),
      deadlineInMs: this.#deadlineInMs(request, resolved),
    });
    const expected = expectedSet(resolved.expected);
    const collection = ledger.open(header, expected, { isOwn: true });
    const publishing = this.#publishCommand(header, collection);
    const opened = announcements.send(
      openedParts(header, expected),
      () => collection.published !== "no",
    );
    const published = await publishing;
    if (published === "no") {
      this.#voidCommand(record, opened);
      await this.#restore(held, record, previous);
      return refused(refuseBusUnavailable());
    }
    collection.published = published;
    return this.#accept(collection, opened);
  }

  #accept(collection: Collection, opened: Promise<void>): InjectResult {
    const { header, published, rowCount } = collection;
    const { commandId, fault, epoch } = header;
    const fields = { commandId, fault, epoch, expected: rowCount, published };
    this.#options.log.info("command-published", fields);
    void this.#announceClosed(collection, opened);
    return {
      kind: "accepted",
      commandId,
      closed: collection.whenClosed.then(() => buildEntry(collection)),
    };
  }

  async #publishCommand(
    header: CollectionHeader,
    collection: Collection,
  ): Promise<"yes" | "unknown" | "no"> {
    const { bus, log } = this.#options;
    try {
      return await bus.publishCommand(commandMessage(header), {
        timeoutInMs: PUBLISH_TIMEOUT_IN_MS,
      });
    } catch (error) {
      const { commandId } = header;
      log.error("command-publish-failed", { commandId, error });
      // Only this error says that nothing went out, and an answer proves the contrary.
      return error instanceof BusUnavailableError && !collection.hasAnswers ? "no" : "unknown";
    }
  }

  #deadlineInMs(request: InjectRequest, resolved: ResolvedTarget): number {
    return deadline({
      parameters: request.parameters,
      askedInMs: request.deadlineInMs,
      floorInMs: this.#options.deadlineFloorInMs(resolved.expected.length),
    });
  }

  /** Gives the cool-down back, here and in the other APIs, which may have heard of the command. */
  #voidCommand(record: FaultRecord, opened: Promise<void> = Promise.resolve()): void {
    const { coolDown, ledger, brokerTime } = this.#options;
    coolDown.voidCommand(record.commandId);
    ledger.voidCommand(record.commandId);
    const closedAtInMs = brokerTime.nowInMs();
    void this.#sendClosed(record, { opened, closedAtInMs, durationInMs: 0, published: "no" });
  }

  async #restore(
    held: HeldFaultLock,
    record: FaultRecord,
    previous: FaultRecord | null,
  ): Promise<void> {
    const nothing = { ...record, collectingUntilInMs: 0, coolDownUntilInMs: 0 };
    try {
      await held.write({ ...(previous ?? nothing), epoch: record.epoch });
    } catch (error) {
      // The void command's id is remembered here, and the other APIs hear of it when the bus is back.
      this.#options.log.warn("record-not-restored", { commandId: record.commandId, error });
    }
  }

  /** At shutdown nothing is announced: the other APIs go on collecting until the deadline. */
  async #announceClosed(collection: Collection, opened: Promise<void>): Promise<void> {
    await collection.whenClosed;
    const { closing, header, published } = collection;
    if (closing !== null && !this.#ending.signal.aborted) {
      await this.#sendClosed(header, { ...closing, opened, published });
    }
  }

  async #sendClosed(
    command: { readonly commandId: string; readonly issuer: string },
    closing: {
      readonly opened: Promise<void>;
      readonly closedAtInMs: number;
      readonly durationInMs: number;
      readonly published: "yes" | "unknown" | "no";
    },
  ): Promise<void> {
    await closing.opened;
    await this.#options.announcements.send([
      {
        schema: BUS_SCHEMA_VERSION,
        type: "command-closed",
        command_id: command.commandId,
        issuer: command.issuer,
        closed_at: timestampOf(closing.closedAtInMs),
        duration_ms: closing.durationInMs,
        published: closing.published,
      },
    ]);
  }
}

function refused(refusal: Refusal): { readonly kind: "refused"; readonly refusal: Refusal } {
  return { kind: "refused", refusal };
}
