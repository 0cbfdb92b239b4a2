import type {
  FleetEvent,
  FleetNews,
  FleetStatus,
  LedgerEntry,
  ReplicaStatus,
} from "@fleetquake/contract";
import type { CoordinatorOptions } from "./coordinator-options.ts";
import type { Coordinator } from "./coordinator.ts";
import { conflictOf, resolveFor } from "./dispatch/admission.ts";
import { dryRunOf } from "./dispatch/dry-run.ts";
import { makeFleetParts, type FleetParts } from "./fleet-parts.ts";
import { fleetStatusOf } from "./fleet-status.ts";
import { Housekeeping } from "./housekeeping.ts";
import type {
  CommandOrigin,
  DryRunResult,
  InjectRequest,
  InjectResult,
  RecoverRequest,
} from "./inject-request.ts";
import { ulid } from "ulid";
import { buildEntry } from "./ledger/build-entry.ts";
import type { CommandBusListener } from "./ports/command-bus.ts";
import { replicaStatusOf } from "./roster/replica-status.ts";
import { refuseHalted, type Refusal } from "./refusal.ts";

/** A coordinator over its parts: what callers ask for, and what bus and clock bring about. */
export class FleetCoordinator implements Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #parts: FleetParts;
  readonly #housekeeping: Housekeeping;
  #isClosed = false;
  /** The halt that was told last; between two looks one may be released and another given. */
  #toldHaltId: string | null = null;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.#parts = makeFleetParts(options);
    this.#housekeeping = new Housekeeping({
      clock: options.clock,
      onTick: () => this.#tick(),
      onGap: (spanInMs) => this.#gap(spanInMs),
    });
  }

  async start(): Promise<void> {
    this.#housekeeping.start();
    await this.#options.bus.start(this.#listener());
  }

  inject(request: InjectRequest): Promise<InjectResult> {
    return this.#send(request.order.fault, () => this.#parts.dispatch.send(request));
  }

  recover(request: RecoverRequest): Promise<InjectResult> {
    return this.#send(request.order.fault, () => this.#parts.dispatch.send(request));
  }

  halt(origin: CommandOrigin): Promise<InjectResult> {
    return this.#send("halt", () => this.#parts.halting.halt(origin));
  }

  release(origin: CommandOrigin): Promise<InjectResult> {
    return this.#send("halt", () => this.#parts.halting.release(origin));
  }

  conflict(order: InjectRequest["order"]): Refusal | null {
    return conflictOf(order, this.#parts.knowledge());
  }

  newCommandId(): string {
    return ulid(Math.floor(this.#parts.knowledge().nowInMs));
  }

  haltRefusal(): Refusal | null {
    const { halt } = this.#parts.knowledge();
    return halt === null ? null : refuseHalted(halt);
  }

  dryRun(request: InjectRequest): DryRunResult {
    const judged = this.#parts.dispatch.judge(request);
    const chosen =
      judged.kind === "resolved"
        ? judged
        : resolveFor(request.order, request.target, this.#parts.knowledge());
    return dryRunOf(
      request,
      chosen.kind === "resolved" ? chosen.resolved.expected : [],
      judged.kind === "refused" ? judged.refusal : null,
    );
  }

  status(): FleetStatus {
    const { nowInMs, rosterState, isBusConnected, standing, rows } = this.#parts.knowledge();
    const { coolingDown } = standing("redis-reset");
    const { isHalted } = this.#parts.haltState;
    const { busTier: tier, deadlineFloorInMs } = this.#options;
    const bus = {
      connected: isBusConnected,
      tier,
      heartbeat_interval_ms: this.#parts.rollCalls.intervalInMs(),
      least_deadline_ms: deadlineFloorInMs(this.#parts.roster.aliveCount()),
    };
    return fleetStatusOf(rows, { nowInMs, rosterState, bus, coolingDown, isHalted });
  }

  replicas(): readonly ReplicaStatus[] {
    const nowInMs = this.#parts.brokerTime.nowInMs();
    return this.#parts.roster.rows().map((row) => replicaStatusOf(row, nowInMs));
  }

  replica(replicaId: string): ReplicaStatus | undefined {
    const row = this.#parts.roster.row(replicaId);
    return row === undefined ? undefined : replicaStatusOf(row, this.#parts.brokerTime.nowInMs());
  }

  commands(page: { readonly limit: number; readonly before?: string }): {
    readonly entries: readonly LedgerEntry[];
    readonly next: string | null;
  } {
    const recent = this.#parts.ledger.recent();
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
    const collection = this.#parts.ledger.collection(commandId);
    return collection === undefined ? undefined : buildEntry(collection);
  }

  readiness(): { readonly busConnected: boolean; readonly roster: "warming" | "ready" } {
    return { busConnected: this.#options.bus.connected, roster: this.#parts.rosterState() };
  }

  closeCollecting(): void {
    this.#parts.ending.abort();
    this.#parts.ledger.closeOwn();
  }

  async close(): Promise<void> {
    this.closeCollecting();
    this.#isClosed = true;
    this.#housekeeping.close();
    this.#parts.warming.suspend();
    this.#parts.newcomers.close();
    this.#parts.ledgerCalls.close();
    this.#parts.ledger.close();
    await this.#parts.announcements.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #send(fault: string, send: () => Promise<InjectResult>): Promise<InjectResult> {
    this.#housekeeping.look();
    const result = await send();
    if (result.kind === "refused") {
      const { code, commandId } = result.refusal;
      this.#options.log.info("command-refused", { fault, code, command_id: commandId });
    }
    return result;
  }

  #listener(): CommandBusListener {
    const { log, observer } = this.#options;
    return {
      onEvent: (event, enqueuedAtInMs, origin) => {
        if (this.#isClosed) {
          return;
        }
        try {
          this.#parts.intake.receive(event, enqueuedAtInMs);
          if (event.type === "command-opened") {
            this.#noticeHalt();
          }
          if (isNews(event)) {
            observer?.onEvent(event, enqueuedAtInMs, origin);
          }
        } catch (error) {
          log.error("event-failed", { type: event.type, error });
        }
      },
      onConnected: () => this.#connected(),
      onDisconnected: () => {
        log.warn("bus-disconnected");
        this.#parts.roster.pause();
        this.#parts.warming.suspend();
      },
      onDropped: (reason) => log.warn("event-dropped", { reason }),
    };
  }

  #connected(): void {
    if (!this.#isClosed) {
      this.#options.log.info("bus-connected");
      this.#parts.roster.resume();
      void this.#parts.halting.connected();
      void this.#parts.warming.begin();
      this.#parts.ledgerCalls.connected();
      this.#options.observer?.onConnected();
    }
  }

  #noticeHalt(): void {
    const { standing } = this.#parts.haltState;
    if (standing !== null && standing.commandId !== this.#toldHaltId) {
      this.#toldHaltId = standing.commandId;
      this.#options.onHalted?.();
    }
  }

  #tick(): void {
    this.#noticeHalt();
    this.#parts.roster.prune();
    this.#parts.ledger.prune();
    this.#parts.assembler.prune();
    if (this.#options.bus.connected) {
      void this.#parts.halting.look();
    }
    if (this.#parts.warming.state === "ready" && this.#parts.rollCalls.isDue()) {
      this.#parts.rollCalls.publish().catch((error: unknown) => {
        this.#options.log.warn("roll-call-failed", { error });
      });
    }
  }

  #gap(spanInMs: number): void {
    this.#options.log.warn("process-stood-still", { span_ms: spanInMs });
    this.#parts.roster.forgive(spanInMs);
    if (this.#options.bus.connected) {
      void this.#parts.warming.begin();
    }
  }
}

/** A repetition is none: whoever missed something is told that the bus is back. */
function isNews(event: FleetEvent): event is FleetNews {
  return event.type !== "ledger-call" && !("is_repetition" in event);
}
