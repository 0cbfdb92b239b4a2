import type {
  AcknowledgementBody,
  Command,
  CommandOrder,
  Log,
  RecoveryBody,
  TraceContext,
} from "@fleetquake/contract";

/** What a replica tells its own process, with the operation that it is part of; null where nobody said. */
export type ReplicaReport =
  /** A command was answered, for the first time. */
  | {
      readonly kind: "acknowledgement";
      readonly fault: CommandOrder["fault"];
      readonly action: CommandOrder["action"];
      readonly acknowledgement: AcknowledgementBody;
      readonly trace: TraceContext | null;
    }
  /** How the process came back from a close: when all its connections are back, and when the watch over it ends. */
  | {
      readonly kind: "recovery";
      readonly recovery: RecoveryBody;
      readonly trace: TraceContext | null;
    };

/** A recovery is reported within a minute or two; no fleet sends more commands meanwhile. */
const MOST_REMEMBERED = 64;

/** Tells log and process what commands came to, and keeps which operation each of them was part of. */
export class ReplicaReports {
  readonly #log: Log;
  readonly #tell: (report: ReplicaReport) => void;
  readonly #traces = new Map<string, TraceContext>();

  constructor(options: {
    readonly log: Log;
    /** Must not throw. @default nobody */
    readonly onReport?: (report: ReplicaReport) => void;
  }) {
    this.#log = options.log;
    this.#tell = options.onReport ?? ((): void => undefined);
  }

  /** A command has come. */
  begin(commandId: string, trace: TraceContext | null): void {
    if (trace === null) {
      return;
    }
    this.#traces.set(commandId, trace);
    const [oldest] = this.#traces.keys();
    if (this.#traces.size > MOST_REMEMBERED && oldest !== undefined) {
      this.#traces.delete(oldest);
    }
  }

  /** A command has been answered. */
  acknowledgement(acknowledgement: AcknowledgementBody, { fault, action }: Command): void {
    const trace = this.#traces.get(acknowledgement.command_id) ?? null;
    this.#log.info("command-answered", {
      command_id: acknowledgement.command_id,
      fault,
      action,
      state: acknowledgement.state,
      connections_closed: acknowledgement.connections_closed,
      trace_id: trace?.traceId,
    });
    this.#tell({ kind: "acknowledgement", fault, action, acknowledgement, trace });
  }

  /** Connections are back, or the watch over them has ended. */
  recovery(recovery: RecoveryBody): void {
    const trace = this.#traces.get(recovery.command_id) ?? null;
    this.#log.info("recovery-observed", {
      command_id: recovery.command_id,
      all_back_ms: recovery.all_back_ms,
      finished: recovery.finished,
      trace_id: trace?.traceId,
    });
    this.#tell({ kind: "recovery", recovery, trace });
  }
}
