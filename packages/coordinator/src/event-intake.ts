import type {
  BrokerTime,
  Clock,
  CommandClosed,
  CommandOpened,
  FleetEvent,
  Heartbeat,
  Hello,
} from "@fleetquake/contract";
import { readHeader, type CollectionHeader } from "./ledger/collection-header.ts";
import type { LedgerCalls } from "./ledger/ledger-calls.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { OpenedAssembler } from "./ledger/opened-assembler.ts";
import type { FaultRecord } from "./records/fault-record.ts";
import type { Standings } from "./standings.ts";
import type { Member } from "./roster/member.ts";
import { lastsForInMs } from "./dispatch/plan-command.ts";
import type { HaltState } from "./halt/halt-state.ts";
import { differsByMuch } from "./roster/heartbeat-interval.ts";
import type { Newcomers } from "./roster/newcomers.ts";
import type { RollCalls } from "./roster/roll-calls.ts";
import type { Roster } from "./roster/roster.ts";

export interface EventIntakeOptions {
  readonly clock: Clock;
  readonly brokerTime: BrokerTime;
  readonly roster: Roster;
  readonly ledger: Ledger;
  readonly assembler: OpenedAssembler;
  readonly standings: Standings;
  readonly halt: HaltState;
  readonly newcomers: Newcomers;
  readonly rollCalls: RollCalls;
  readonly ledgerCalls: LedgerCalls;
  readonly coolDownInMs: number;
}

/** No replica is given what a newcomer needs more often than this; one without a subscription asks every 5 s. */
const WELCOME_AGAIN_AFTER_IN_MS = 4_000;

/** Takes what comes from the bus to whom it concerns. */
export class EventIntake {
  readonly #options: EventIntakeOptions;

  constructor(options: EventIntakeOptions) {
    this.#options = options;
  }

  /** @param enqueuedAtInMs the broker's stamp, ms since 1970 */
  receive(event: FleetEvent, enqueuedAtInMs: number): void {
    const { brokerTime, roster, ledger } = this.#options;
    brokerTime.observe(enqueuedAtInMs);
    switch (event.type) {
      case "hello":
      case "heartbeat":
        this.#receiveState(event, enqueuedAtInMs);
        break;
      case "bye":
        if (roster.bye(event.replica_id, event.instance_id, enqueuedAtInMs)) {
          ledger.leave(event.replica_id, event.instance_id);
        }
        break;
      case "acknowledgement":
        ledger.acknowledge(event, enqueuedAtInMs);
        break;
      case "recovery-report":
        ledger.recover(event);
        break;
      case "command-opened":
        this.#receiveOpened(event);
        break;
      case "command-closed":
        this.#receiveClosed(event);
        break;
      case "ledger-call":
        this.#options.ledgerCalls.receive(event);
        break;
      default:
        event satisfies never;
    }
  }

  #receiveState(state: Hello | Heartbeat, enqueuedAtInMs: number): void {
    const { roster, ledger, newcomers, rollCalls } = this.#options;
    const seen = roster.observe(state, enqueuedAtInMs);
    if (state.last_acknowledgement !== null) {
      ledger.acknowledge(state.last_acknowledgement, enqueuedAtInMs);
    }
    if (state.last_recovery !== null) {
      ledger.recover(state.last_recovery);
    }
    if (seen === null) {
      return;
    }
    this.#learnHalt(state);
    const missedHalt = state.halted !== this.#options.halt.isHalted;
    if (seen.joined || this.#isForgotten(state, seen.member, missedHalt)) {
      const { replicaId, instanceId } = seen.member;
      seen.member.welcomedInMs = this.#options.clock.monotonicInMs();
      const needsBeacon =
        state.clock_offset_ms === null ||
        missedHalt ||
        differsByMuch(state.interval_ms, rollCalls.publishedIntervalInMs);
      newcomers.welcome({ replicaId, instanceId, needsBeacon });
    }
  }

  /** The bus may have forgotten a halt that the replicas still keep. */
  #learnHalt(state: Hello | Heartbeat): void {
    const { halt, brokerTime, roster } = this.#options;
    if (state.halted && halt.latest === null) {
      halt.observeHearsay({
        commandId: "unknown",
        epoch: roster.highestEpoch,
        isHalted: true,
        caller: `unknown, as ${state.replica_id} reports`,
        reason: "",
        atInMs: brokerTime.nowInMs(),
      });
    }
  }

  /**
   * A known replica that has not timed its clock, or says hello unasked, may have lost its subscription; after this API
   * was cut off, any may.
   */
  #isForgotten(state: Hello | Heartbeat, member: Member, missedHalt: boolean): boolean {
    if (member.welcomedInMs === null) {
      return true;
    }
    const { clock, rollCalls } = this.#options;
    const isUnasked = state.type === "hello" && !rollCalls.isBeingAnswered();
    return (
      (isUnasked || missedHalt || state.clock_offset_ms === null) &&
      clock.monotonicInMs() - member.welcomedInMs >= WELCOME_AGAIN_AFTER_IN_MS
    );
  }

  #receiveOpened(opened: CommandOpened): void {
    const { brokerTime, ledger, assembler, standings } = this.#options;
    const header = readHeader(opened, brokerTime.nowInMs());
    if (
      header === null ||
      ledger.collection(opened.command_id) !== undefined ||
      standings.isVoid(opened.command_id)
    ) {
      return;
    }
    this.#observe(header);
    const expected = assembler.add(opened);
    if (expected !== null) {
      ledger.open(header, expected, { isOwn: false });
    }
  }

  #receiveClosed(closed: CommandClosed): void {
    const { halt, ledger, standings } = this.#options;
    if (ledger.isOwn(closed.command_id)) {
      return;
    }
    const collection = ledger.collection(closed.command_id);
    ledger.observeClosed(closed);
    const isForeign = collection !== undefined && collection.header.issuer !== closed.issuer;
    if (closed.published === "no" && !isForeign && collection?.hasAnswers !== true) {
      standings.voidCommand(closed.command_id);
      halt.voidRelease(closed.command_id);
    }
  }

  #observe(header: CollectionHeader): void {
    const { brokerTime, standings, halt } = this.#options;
    const { order, commandId, epoch, caller } = header;
    const record = this.#recordOf(header, brokerTime.nowInMs());
    standings.observe(order.fault, record);
    if (order.fault === "halt") {
      halt.observe({
        commandId,
        epoch,
        isHalted: order.action === "inject",
        caller,
        reason: order.parameters.reason,
        atInMs: record.acceptedAtInMs,
      });
    }
  }

  #recordOf(header: CollectionHeader, nowInMs: number): FaultRecord {
    // Nothing was accepted later than now, whatever an API whose clock runs ahead says.
    const acceptedAtInMs = Math.min(header.openedAtInMs, nowInMs);
    return {
      commandId: header.commandId,
      action: header.order.action,
      epoch: header.epoch,
      acceptedAtInMs,
      collectingUntilInMs: header.deadlineAtInMs,
      coolDownUntilInMs:
        header.order.fault === "redis-reset" ? acceptedAtInMs + this.#options.coolDownInMs : 0,
      activeUntilInMs: acceptedAtInMs + lastsForInMs(header.order),
      issuer: header.issuer,
      caller: header.caller,
    };
  }
}
