import type {
  AcknowledgementBody,
  CommandOrder,
  FleetNews,
  LedgerEntry,
  LedgerState,
  RecoveryBody,
  ReplicaOutcome,
  TraceContext,
} from "@fleetquake/contract";
import type { Telemetry, TelemetryProperties } from "../insights/telemetry.ts";
import { recoveryProperties } from "./recovery-properties.ts";

/** A command that this API sends, or tries to. */
export interface SentCommand {
  readonly commandId: string;
  /** `redis-reset`, `load`, `load-recovery`, `halt`: what its events are called by. */
  readonly name: string;
  readonly order: CommandOrder;
  readonly caller: string;
  readonly reason: string | null;
  readonly trace: TraceContext;
}

/** What is known of a command of this API's. */
interface KnownCommand {
  readonly command: SentCommand;
  isClosed: boolean;
  /** What has been told: `instance answer`, `instance back`, `instance finished`. */
  readonly told: Set<string>;
}

const MOST_REMEMBERED = 200;

/** Those of whom an answer came. */
const ANSWERED: ReadonlySet<LedgerState> = new Set<LedgerState>([
  "acknowledged",
  "failed",
  "refused",
  "expired",
  "late",
  "joined_late",
]);

/**
 * Tells what becomes of the commands that this API took, each fact once: asked for, answered, closed, recovered, halted.
 * The other APIs have them in their ledgers too and keep silent, so that nothing is counted twice.
 */
export class CommandEvents {
  readonly #telemetry: Telemetry;
  readonly #known = new Map<string, KnownCommand>();

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** To be called before a command is sent: its answers may be faster than the bus's own. */
  begin(command: SentCommand): void {
    this.#known.set(command.commandId, { command, isClosed: false, told: new Set() });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_REMEMBERED && oldest !== undefined) {
      this.#known.delete(oldest);
    }
  }

  /** It has been published. */
  accepted(commandId: string): void {
    this.#tellRequested(commandId, { accepted: true });
    this.#tellHalt(commandId, true);
  }

  /** It was not published. @param isHalted whether it holds in this API all the same */
  refused(commandId: string, code: string, isHalted: boolean): void {
    this.#tellRequested(commandId, { accepted: false, code });
    if (isHalted) {
      this.#tellHalt(commandId, false);
    }
    this.#known.delete(commandId);
  }

  /** The collection of its answers is over. */
  closed(entry: LedgerEntry): void {
    const known = this.#known.get(entry.command_id);
    if (known === undefined || known.isClosed) {
      return;
    }
    known.isClosed = true;
    const { name, trace } = known.command;
    for (const replica of entry.replicas) {
      if (ANSWERED.has(replica.state)) {
        this.#tellAnswer(known, replica);
      }
      if (replica.recovery !== undefined) {
        this.#tellRecovery(known, replica.recovery);
      }
    }
    const { fleet, connections_closed, duration_ms, skew_ms, published, outcome } = entry;
    const how = outcome === "complete" ? "completed" : "partial";
    const properties = { outcome, published, connections_closed, duration_ms, skew_ms, ...fleet };
    this.#telemetry.trackEvent(
      `${name}-${how}`,
      { command_id: entry.command_id, ...properties },
      trace,
    );
  }

  /** An event of the fleet: what comes after the close, late answers and recoveries, and what heartbeats heal. */
  onEvent(event: FleetNews): void {
    switch (event.type) {
      case "acknowledgement":
        this.#answerAfterClose(event);
        break;
      case "recovery-report":
        this.#recovery(event);
        break;
      case "hello":
      case "heartbeat":
        if (event.last_acknowledgement !== null) {
          this.#answerAfterClose(event.last_acknowledgement);
        }
        if (event.last_recovery !== null && isWorthTelling(event.last_recovery)) {
          this.#recovery(event.last_recovery);
        }
        break;
      case "bye":
      case "command-opened":
      case "command-closed":
        break;
      default:
        event satisfies never;
    }
  }

  #answerAfterClose(answer: AcknowledgementBody): void {
    const known = this.#known.get(answer.command_id);
    if (known?.isClosed === true) {
      const isLate = answer.state === "acknowledged";
      this.#tellAnswer(known, { ...answer, state: isLate ? "late" : answer.state });
    }
  }

  #recovery(recovery: RecoveryBody): void {
    const known = this.#known.get(recovery.command_id);
    if (known !== undefined) {
      this.#tellRecovery(known, recovery);
    }
  }

  #tellRequested(commandId: string, how: TelemetryProperties): void {
    const known = this.#known.get(commandId);
    if (known !== undefined) {
      const { name, order, caller, reason, trace } = known.command;
      const properties = { fault: order.fault, action: order.action, caller, reason, ...how };
      this.#telemetry.trackEvent(
        `${name}-requested`,
        { command_id: commandId, ...parametersOf(order), ...properties },
        trace,
      );
    }
  }

  #tellHalt(commandId: string, isPublished: boolean): void {
    const known = this.#known.get(commandId);
    if (known?.command.order.fault === "halt" && known.command.order.action === "inject") {
      const { caller, reason, trace } = known.command;
      const properties = { command_id: commandId, caller, reason, published: isPublished };
      this.#telemetry.trackEvent("halted", properties, trace);
    }
  }

  #tellAnswer({ command, told }: KnownCommand, replica: ReplicaOutcome): void {
    if (isNew(told, `${replica.instance_id} answer`)) {
      const { fault, action } = command.order;
      this.#telemetry.trackEvent(
        "acknowledgement",
        {
          command_id: command.commandId,
          fault,
          action,
          replica_id: replica.replica_id,
          instance_id: replica.instance_id,
          role: replica.role,
          state: replica.state,
          coverage: replica.coverage,
          connections_closed: replica.connections_closed,
          closed_by: replica.closed_by,
          closed_at: replica.closed_at,
          duration_ms: replica.duration_ms,
          error: replica.error?.code,
        },
        command.trace,
      );
    }
  }

  #tellRecovery({ command, told }: KnownCommand, recovery: RecoveryBody): void {
    const stage = recovery.finished ? "finished" : "back";
    if (isNew(told, `${recovery.instance_id} ${stage}`)) {
      this.#telemetry.trackEvent("recovery", recoveryProperties(recovery), command.trace);
    }
  }
}

/** What a heartbeat says in between is only how far it is. */
function isWorthTelling({ finished, all_back_ms: allBackInMs }: RecoveryBody): boolean {
  return finished || allBackInMs !== null;
}

/** Members of the order with a plain value: `force`, `duration_seconds`, `level`. A halt's reason stands elsewhere. */
function parametersOf({ parameters }: CommandOrder): TelemetryProperties {
  const plain = Object.entries(parameters).filter(([name]) => name !== "reason");
  return Object.fromEntries(plain);
}

/** Remembers it. */
function isNew(told: Set<string>, fact: string): boolean {
  const isTold = told.has(fact);
  told.add(fact);
  return !isTold;
}
