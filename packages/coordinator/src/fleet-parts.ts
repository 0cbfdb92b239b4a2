import { BrokerTime } from "@fleetquake/contract";
import type { CommandKnowledge } from "./cool-down.ts";
import type { CoordinatorOptions } from "./coordinator-options.ts";
import { admitRecovery } from "./dispatch/admit-recovery.ts";
import { admit, type AdmissionKnowledge } from "./dispatch/admission.ts";
import { Announcements } from "./dispatch/announcements.ts";
import { Dispatch } from "./dispatch/dispatch.ts";
import { Publication } from "./dispatch/publication.ts";
import { EventIntake } from "./event-intake.ts";
import { HaltState } from "./halt/halt-state.ts";
import { Halting } from "./halt/halting.ts";
import { LedgerCalls } from "./ledger/ledger-calls.ts";
import { Ledger } from "./ledger/ledger.ts";
import { OpenedAssembler } from "./ledger/opened-assembler.ts";
import { Newcomers } from "./roster/newcomers.ts";
import { RollCalls } from "./roster/roll-calls.ts";
import { Roster } from "./roster/roster.ts";
import { Warming } from "./roster/warming.ts";
import { Standings } from "./standings.ts";

/** What a coordinator remembers. */
interface FleetMemory {
  readonly brokerTime: BrokerTime;
  readonly roster: Roster;
  readonly ledger: Ledger;
  readonly assembler: OpenedAssembler;
  readonly standings: Standings;
  readonly haltState: HaltState;
}

/** What a coordinator calls the fleet together with. */
interface FleetGathering {
  readonly rollCalls: RollCalls;
  readonly warming: Warming;
  readonly newcomers: Newcomers;
}

/** What a coordinator sends commands with. */
interface FleetCommanding {
  readonly announcements: Announcements;
  readonly ledgerCalls: LedgerCalls;
  readonly dispatch: Dispatch;
  readonly halting: Halting;
  /** Ready when the whole fleet was heard, and whether it is halted is known. */
  readonly rosterState: () => "warming" | "ready";
  /** What is known at this moment. */
  readonly knowledge: () => AdmissionKnowledge;
  /** Fired at shutdown: from then on everything is refused. */
  readonly ending: AbortController;
}

/** The parts of a coordinator, wired. */
export interface FleetParts extends FleetMemory, FleetGathering, FleetCommanding {
  readonly intake: EventIntake;
}

/** Makes the parts of a coordinator; none of them does anything before the bus is started. */
export function makeFleetParts(options: CoordinatorOptions): FleetParts {
  const memory = makeMemory(options);
  const gathering = makeGathering(options, memory);
  const commanding = makeCommanding(options, memory, gathering);
  const { haltState: halt, ...remembered } = memory;
  const intake = new EventIntake({
    ...remembered,
    halt,
    clock: options.clock,
    newcomers: gathering.newcomers,
    rollCalls: gathering.rollCalls,
    ledgerCalls: commanding.ledgerCalls,
    coolDownInMs: options.coolDownInMs,
  });
  return { ...memory, ...gathering, ...commanding, intake };
}

function makeMemory({ clock, log }: CoordinatorOptions): FleetMemory {
  const brokerTime = new BrokerTime(clock);
  const roster = new Roster({ clock, brokerTime, log });
  const hasLeft = (replicaId: string, instanceId: string): boolean =>
    roster.saidBye(replicaId, instanceId);
  return {
    brokerTime,
    roster,
    ledger: new Ledger({ clock, brokerTime, hasLeft }),
    assembler: new OpenedAssembler(clock),
    standings: new Standings(),
    haltState: new HaltState(),
  };
}

function makeGathering(
  options: CoordinatorOptions,
  { brokerTime, roster, haltState }: FleetMemory,
): FleetGathering {
  const { bus, clock, log, issuer, ownReplica } = options;
  const rollCalls = new RollCalls({
    bus,
    clock,
    brokerTime,
    issuer,
    budget: options,
    aliveCount: () => roster.aliveCount(),
    halt: () => haltState.latest,
  });
  const warming = new Warming({
    clock,
    log,
    publishRollCall: () => rollCalls.publish(),
    intervalInMs: () => rollCalls.intervalInMs(),
    lastJoinedInMs: () => roster.lastJoinedInMs,
    isSelfHeard: () => ownReplica === undefined || roster.hasHeard(ownReplica),
  });
  const newcomers = new Newcomers({
    clock,
    log,
    provision: (replicaId, instanceId) => bus.provisionReplica(replicaId, instanceId),
    publishRollCall: (replicaIds) => rollCalls.publish(replicaIds),
  });
  return { rollCalls, warming, newcomers };
}

function makeCommanding(
  options: CoordinatorOptions,
  memory: FleetMemory,
  { warming }: FleetGathering,
): FleetCommanding {
  const { bus, lock, clock, log, issuer } = options;
  const { brokerTime, roster, ledger, standings } = memory;
  const ending = new AbortController();
  const announcements = new Announcements({ bus, clock, log });
  const ledgerCalls = new LedgerCalls({ ledger, announcements, clock, issuer });
  const parts = { clock, log, brokerTime, standings, ending: ending.signal };
  const publication = new Publication({ ...parts, bus, ledger, announcements });
  /** What commands of all kinds are made with. */
  const shared = {
    ...parts,
    lock,
    issuer,
    publication,
    deadlineFloorInMs: options.deadlineFloorInMs,
    isRosterComplete: () => warming.state === "ready",
    highestEpoch: () => roster.highestEpoch,
  };
  const halting = new Halting({ ...shared, state: memory.haltState, rows: () => roster.rows() });
  const rosterState = (): "warming" | "ready" =>
    warming.state === "ready" && halting.isInStep ? "ready" : "warming";
  const knowledge = knowledgeOf(options, memory, {
    rosterState,
    warmingRetryAfterInMs: () => (rosterState() === "ready" ? 0 : warming.retryAfterInMs()),
  });
  const dispatch = new Dispatch({
    ...shared,
    coolDownInMs: options.coolDownInMs,
    admit: ({ order, ...request }) =>
      order.action === "inject"
        ? admit({ order, ...request }, knowledge())
        : admitRecovery(order, knowledge(), ledger.recent()),
  });
  return { announcements, ledgerCalls, dispatch, halting, rosterState, knowledge, ending };
}

function knowledgeOf(
  options: CoordinatorOptions,
  { brokerTime, roster, ledger, standings, haltState }: FleetMemory,
  now: {
    readonly rosterState: () => "warming" | "ready";
    readonly warmingRetryAfterInMs: () => number;
  },
): () => AdmissionKnowledge {
  const { bus, random = Math.random } = options;
  const ledgerKnowledge: CommandKnowledge = {
    isClosed: (commandId) => ledger.isClosed(commandId),
    isIdle: (commandId) => ledger.isIdle(commandId),
  };
  return () => {
    const nowInMs = brokerTime.nowInMs();
    return {
      nowInMs,
      standing: (fault) => standings.standing(fault, nowInMs, ledgerKnowledge),
      halt: haltState.standing,
      isBusConnected: bus.connected,
      rosterState: now.rosterState(),
      warmingRetryAfterInMs: now.warmingRetryAfterInMs(),
      rows: roster.rows(),
      random: () => random(),
    };
  };
}
