import {
  BrokerTime,
  type FleetStatus,
  type LedgerEntry,
  type ReplicaStatus,
} from "@fleetquake/contract";
import { CoolDown } from "./cool-down.ts";
import type { CoordinatorOptions } from "./coordinator-options.ts";
import type { Coordinator } from "./coordinator.ts";
import { admit, type AdmissionKnowledge } from "./dispatch/admission.ts";
import { Announcements } from "./dispatch/announcements.ts";
import { Dispatch } from "./dispatch/dispatch.ts";
import { dryRunOf } from "./dispatch/dry-run.ts";
import { presentMembers } from "./dispatch/expected-set.ts";
import { resolveTarget } from "./dispatch/resolve-target.ts";
import { EventIntake } from "./event-intake.ts";
import { fleetStatusOf } from "./fleet-status.ts";
import { Housekeeping } from "./housekeeping.ts";
import type { DryRunResult, InjectRequest, InjectResult } from "./inject-request.ts";
import { buildEntry } from "./ledger/build-entry.ts";
import { Ledger } from "./ledger/ledger.ts";
import { OpenedAssembler } from "./ledger/opened-assembler.ts";
import type { CommandBusListener } from "./ports/command-bus.ts";
import { Newcomers } from "./roster/newcomers.ts";
import { replicaStatusOf } from "./roster/replica-status.ts";
import { RollCalls } from "./roster/roll-calls.ts";
import { Roster } from "./roster/roster.ts";
import { Warming } from "./roster/warming.ts";

/** The parts of a coordinator, wired. */
export class FleetCoordinator implements Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #brokerTime: BrokerTime;
  readonly #roster: Roster;
  readonly #ledger: Ledger;
  readonly #assembler: OpenedAssembler;
  readonly #coolDown = new CoolDown();
  readonly #rollCalls: RollCalls;
  readonly #warming: Warming;
  readonly #newcomers: Newcomers;
  readonly #announcements: Announcements;
  readonly #dispatch: Dispatch;
  readonly #intake: EventIntake;
  readonly #housekeeping: Housekeeping;
  #isClosed = false;

  constructor(options: CoordinatorOptions) {
    const { bus, clock, log, issuer } = options;
    this.#options = options;
    this.#brokerTime = new BrokerTime(clock);
    const brokerTime = this.#brokerTime;
    this.#roster = new Roster({ clock, brokerTime, log });
    const roster = this.#roster;
    const hasLeft = (replicaId: string, instanceId: string): boolean =>
      roster.saidBye(replicaId, instanceId);
    this.#ledger = new Ledger({ clock, brokerTime, hasLeft });
    this.#assembler = new OpenedAssembler(clock);
    this.#announcements = new Announcements({ bus, clock, log });
    const aliveCount = (): number => roster.aliveCount();
    this.#rollCalls = new RollCalls({ bus, clock, issuer, budget: options, aliveCount });
    const rollCalls = this.#rollCalls;
    this.#warming = new Warming({
      clock,
      log,
      publishRollCall: () => rollCalls.publish(),
      intervalInMs: () => rollCalls.intervalInMs(),
      lastJoinedInMs: () => roster.lastJoinedInMs,
      isSelfHeard: () => options.ownReplica === undefined || roster.hasHeard(options.ownReplica),
    });
    this.#newcomers = new Newcomers({
      clock,
      log,
      provision: (replicaId, instanceId) => bus.provisionReplica(replicaId, instanceId),
      publishRollCall: (replicaIds) => rollCalls.publish(replicaIds),
    });
    this.#dispatch = this.#makeDispatch();
    this.#intake = this.#makeIntake();
    this.#housekeeping = new Housekeeping({
      clock,
      onTick: () => this.#tick(),
      onGap: (spanInMs) => this.#gap(spanInMs),
    });
  }

  async start(): Promise<void> {
    this.#housekeeping.start();
    await this.#options.bus.start(this.#listener());
  }

  async inject(request: InjectRequest): Promise<InjectResult> {
    this.#housekeeping.look();
    const result = await this.#dispatch.inject(request);
    if (result.kind === "refused") {
      const { code, commandId } = result.refusal;
      this.#options.log.info("command-refused", { fault: request.fault, code, commandId });
    }
    return result;
  }

  dryRun(request: InjectRequest): DryRunResult {
    const judged = this.#dispatch.judge(request);
    const present = presentMembers(this.#roster.rows());
    const chosen =
      judged.kind === "resolved" ? judged : resolveTarget(request.target, present, this.#random);
    return dryRunOf(
      request,
      chosen.kind === "resolved" ? chosen.resolved.expected : [],
      judged.kind === "refused" ? judged.refusal : null,
    );
  }

  status(): FleetStatus {
    const { nowInMs, rosterState, isBusConnected, standing, rows } = this.#knowledge();
    const { coolingDown } = standing;
    return fleetStatusOf(rows, { nowInMs, rosterState, isBusConnected, coolingDown });
  }

  replicas(): readonly ReplicaStatus[] {
    return this.#roster.rows().map((row) => replicaStatusOf(row));
  }

  replica(replicaId: string): ReplicaStatus | undefined {
    const row = this.#roster.row(replicaId);
    return row === undefined ? undefined : replicaStatusOf(row);
  }

  commands(page: { readonly limit: number; readonly before?: string }): {
    readonly entries: readonly LedgerEntry[];
    readonly next: string | null;
  } {
    const recent = this.#ledger.recent();
    const beforeIndex = recent.findIndex(({ header }) => header.commandId === page.before);
    if (page.before !== undefined && beforeIndex === -1) {
      return { entries: [], next: null };
    }
    const chosen = recent.slice(beforeIndex + 1, beforeIndex + 1 + page.limit);
    const hasMore = beforeIndex + 1 + chosen.length < recent.length;
    return {
      entries: chosen.map((collection) => buildEntry(collection)),
      next: hasMore ? (chosen.at(-1)?.header.commandId ?? null) : null,
    };
  }

  command(commandId: string): LedgerEntry | undefined {
    const collection = this.#ledger.collection(commandId);
    return collection === undefined ? undefined : buildEntry(collection);
  }

  readiness(): { readonly busConnected: boolean; readonly roster: "warming" | "ready" } {
    return { busConnected: this.#options.bus.connected, roster: this.#warming.state };
  }

  closeCollecting(): void {
    this.#dispatch.end();
    this.#ledger.closeOwn();
  }

  async close(): Promise<void> {
    this.closeCollecting();
    this.#isClosed = true;
    this.#housekeeping.close();
    this.#warming.suspend();
    this.#newcomers.close();
    this.#ledger.close();
    await this.#announcements.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  readonly #random = (): number => (this.#options.random ?? Math.random)();

  #listener(): CommandBusListener {
    const { log } = this.#options;
    return {
      onEvent: (event, enqueuedAtInMs) => {
        if (this.#isClosed) {
          return;
        }
        try {
          this.#intake.receive(event, enqueuedAtInMs);
        } catch (error) {
          log.error("event-failed", { type: event.type, error });
        }
      },
      onConnected: () => this.#connected(),
      onDisconnected: () => {
        log.warn("bus-disconnected");
        this.#roster.pause();
        this.#warming.suspend();
      },
      onDropped: (reason) => log.warn("event-dropped", { reason }),
    };
  }

  #connected(): void {
    if (!this.#isClosed) {
      this.#options.log.info("bus-connected");
      this.#roster.resume();
      void this.#warming.begin();
    }
  }

  #tick(): void {
    this.#roster.prune();
    this.#ledger.prune();
    this.#assembler.prune();
    if (this.#warming.state === "ready" && this.#rollCalls.isDue()) {
      this.#rollCalls.publish().catch((error: unknown) => {
        this.#options.log.warn("roll-call-failed", { error });
      });
    }
  }

  #gap(spanInMs: number): void {
    this.#options.log.warn("process-stood-still", { spanInMs });
    this.#roster.forgive(spanInMs);
    if (this.#options.bus.connected) {
      void this.#warming.begin();
    }
  }

  #knowledge(): AdmissionKnowledge {
    const nowInMs = this.#brokerTime.nowInMs();
    const rosterState = this.#warming.state;
    return {
      nowInMs,
      standing: this.#coolDown.standing(nowInMs, (commandId) => this.#ledger.isClosed(commandId)),
      isBusConnected: this.#options.bus.connected,
      rosterState,
      warmingRetryAfterInMs: rosterState === "ready" ? 0 : this.#warming.retryAfterInMs(),
      rows: this.#roster.rows(),
      random: this.#random,
    };
  }

  #makeDispatch(): Dispatch {
    return new Dispatch({
      ...this.#options,
      ledger: this.#ledger,
      coolDown: this.#coolDown,
      announcements: this.#announcements,
      brokerTime: this.#brokerTime,
      deadlineFloorInMs: this.#options.deadlineFloorInMs ?? (() => 0),
      admit: (request) => admit(request.target, this.#knowledge()),
      highestEpoch: () => this.#roster.highestEpoch,
    });
  }

  #makeIntake(): EventIntake {
    return new EventIntake({
      clock: this.#options.clock,
      brokerTime: this.#brokerTime,
      roster: this.#roster,
      ledger: this.#ledger,
      assembler: this.#assembler,
      coolDown: this.#coolDown,
      newcomers: this.#newcomers,
      rollCalls: this.#rollCalls,
      coolDownInMs: this.#options.coolDownInMs,
    });
  }
}
