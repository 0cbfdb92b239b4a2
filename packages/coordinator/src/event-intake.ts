import type {
  BrokerTime,
  Clock,
  CommandClosed,
  CommandOpened,
  FleetEvent,
  Heartbeat,
  Hello,
} from "@fleetquake/contract";
import type { CoolDown } from "./cool-down.ts";
import { readHeader, type CollectionHeader } from "./ledger/collection-header.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { OpenedAssembler } from "./ledger/opened-assembler.ts";
import type { FaultRecord } from "./ports/fleet-lock.ts";
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
  readonly coolDown: CoolDown;
  readonly newcomers: Newcomers;
  readonly rollCalls: RollCalls;
  readonly coolDownInMs: number;
}

/** A replica that still has not timed its clock is named again after this long. */
const BEACON_AGAIN_AFTER_IN_MS = 10_000;

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
        roster.bye(event.replica_id, event.instance_id, enqueuedAtInMs);
        ledger.leave(event.replica_id, event.instance_id);
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
      default:
        event satisfies never;
    }
  }

  #receiveState(state: Hello | Heartbeat, enqueuedAtInMs: number): void {
    const { clock, roster, ledger, newcomers, rollCalls } = this.#options;
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
    const { replicaId, instanceId, beaconAskedInMs } = seen.member;
    const nowInMs = clock.monotonicInMs();
    const isUntimed = state.clock_offset_ms === null;
    if (seen.joined) {
      seen.member.beaconAskedInMs = nowInMs;
      const needsBeacon =
        isUntimed || differsByMuch(state.interval_ms, rollCalls.publishedIntervalInMs);
      newcomers.welcome({ replicaId, instanceId, needsBeacon });
    } else if (isUntimed && nowInMs - (beaconAskedInMs ?? 0) >= BEACON_AGAIN_AFTER_IN_MS) {
      seen.member.beaconAskedInMs = nowInMs;
      newcomers.name(replicaId);
    }
  }

  #receiveOpened(opened: CommandOpened): void {
    const { brokerTime, ledger, assembler, coolDown } = this.#options;
    const header = readHeader(opened, brokerTime.nowInMs());
    if (
      header === null ||
      ledger.collection(opened.command_id) !== undefined ||
      coolDown.isVoid(opened.command_id)
    ) {
      return;
    }
    coolDown.observe(this.#recordOf(header));
    const expected = assembler.add(opened);
    if (expected !== null) {
      ledger.open(header, expected, { isOwn: false });
    }
  }

  #receiveClosed(closed: CommandClosed): void {
    const { ledger, coolDown } = this.#options;
    if (ledger.isOwn(closed.command_id)) {
      return;
    }
    const collection = ledger.collection(closed.command_id);
    ledger.observeClosed(closed);
    const isForeign = collection !== undefined && collection.header.issuer !== closed.issuer;
    if (closed.published === "no" && !isForeign && collection?.hasAnswers !== true) {
      coolDown.voidCommand(closed.command_id);
    }
  }

  #recordOf(header: CollectionHeader): FaultRecord {
    return {
      commandId: header.commandId,
      epoch: header.epoch,
      acceptedAtInMs: header.openedAtInMs,
      collectingUntilInMs: header.deadlineAtInMs,
      coolDownUntilInMs: header.openedAtInMs + this.#options.coolDownInMs,
      issuer: header.issuer,
      caller: header.caller,
    };
  }
}
