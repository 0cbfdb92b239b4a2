import {
  BUS_SCHEMA_VERSION,
  BrokerTime,
  type AcknowledgementBody,
  type Command,
  type CommandMessage,
  type RecoveryBody,
  type ReplicaState,
  type RollCall,
  type Timer,
  type TraceContext,
} from "@fleetquake/contract";
import { CommandExecutor, type CommandCounters } from "./command-executor.ts";
import { EventOutbox } from "./event-outbox.ts";
import { Epochs } from "./epochs.ts";
import { FaultGuard } from "./fault-guard.ts";
import { FaultSet } from "./faults/fault-set.ts";
import { HaltFlag } from "./halt-flag.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { ReplicaBusListener } from "./ports/replica-bus.ts";
import type { ReplicaMemory, ReplicaOptions } from "./replica-options.ts";
import { RecoveryWatch } from "./recovery-watch.ts";
import { ReplicaReports } from "./replica-reports.ts";
import { settledWithin } from "./settled-within.ts";

/** Longest spread of the answers to a roll-call. */
const LONGEST_JITTER_IN_MS = 60_000;
/** No event may take longer than this: what it said is old by then. */
const LONGEST_SEND_IN_MS = 3_000;
/** A subscription keeps a message for a minute; what is older was sent again by somebody. */
const FRESH_FOR_IN_MS = 120_000;
/** How long a close waits for the command that is being executed. */
const CLOSE_PATIENCE_IN_MS = 2_000;

export interface ReplicaCounters extends CommandCounters {
  /** Bus messages that did not fit the contract. */
  readonly dropped: number;
  readonly publishFailures: number;
}

export interface CloseReplicaOptions {
  /** Whether the fleet is told that this replica ends on purpose. */
  readonly bye: boolean;
}

/** One replica of the fleet: hears commands, injects faults into its process, answers, and says that it lives. */
export class Replica implements ReplicaBusListener {
  readonly #options: ReplicaOptions;
  readonly #time: BrokerTime;
  readonly #outbox: EventOutbox;
  readonly #faults: FaultSet;
  readonly #halt: HaltFlag;
  readonly #epochs: Epochs;
  readonly #guard: FaultGuard;
  readonly #executor: CommandExecutor;
  readonly #heartbeat: Heartbeat;
  readonly #watch: RecoveryWatch;
  readonly #reports: ReplicaReports;
  #rollCallTimer: Timer | undefined;
  #dropped = 0;
  #lastAcknowledgement: AcknowledgementBody | null = null;
  #lastReset: string | null;
  #isAnnounced = false;
  #isClosed = false;

  constructor(options: ReplicaOptions) {
    const { bus, clock, log, identity, ports } = options;
    this.#options = options;
    this.#time = new BrokerTime(clock);
    this.#outbox = new EventOutbox(bus, log);
    this.#lastReset = options.memory?.lastReset ?? null;
    this.#reports = new ReplicaReports(options);
    this.#watch = new RecoveryWatch({
      clock,
      connections: ports.connections,
      replicaId: identity.replica_id,
      instanceId: identity.instance_id,
      report: (body) => this.#reportRecovery(body),
    });
    this.#faults = new FaultSet(ports, { clock, time: this.#time });
    this.#halt = new HaltFlag(options.memory?.halt);
    this.#epochs = new Epochs(options.memory?.epochs);
    this.#executor = new CommandExecutor({
      identity,
      clock,
      log,
      time: this.#time,
      outbox: this.#outbox,
      faults: this.#faults,
      halt: this.#halt,
      epochs: this.#epochs,
      onReset: () => this.#watch.finish(),
      onAnswered: (acknowledgement, command) => this.#remember(acknowledgement, command),
    });
    this.#guard = new FaultGuard({ faults: this.#faults, halt: this.#halt, clock, log });
    this.#heartbeat = new Heartbeat({
      clock,
      intervalInMs: options.heartbeatIntervalInMs,
      random: options.random,
      beat: () => this.#beat(),
    });
  }

  /**
   * Starts to listen and to beat; returns at once also when the bus is down. Faults that an earlier core of this process
   * left behind are ended first: nobody would know of them any more.
   */
  async start(): Promise<void> {
    this.#heartbeat.start();
    await Promise.all([this.#guard.end("left-behind"), this.#options.bus.start(this)]);
  }

  /** Stops all timers and says goodbye; bounded by a few seconds. The bus stays open. */
  async close({ bye }: CloseReplicaOptions): Promise<void> {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    this.#heartbeat.stop();
    this.#watch.close();
    this.#rollCallTimer?.cancel();
    const { clock, identity, bus } = this.#options;
    this.#faults.close();
    const over = Promise.all([this.#executor.idle(), this.#guard.end("agent-closed")]);
    await settledWithin(over, CLOSE_PATIENCE_IN_MS, clock);
    if (bye && bus.connected) {
      const { replica_id, instance_id } = identity;
      await this.#outbox.send(
        { schema: BUS_SCHEMA_VERSION, type: "bye", replica_id, instance_id },
        LONGEST_SEND_IN_MS,
      );
    }
  }

  /** Whether the fleet has been told of this replica: a hello or a heartbeat was settled. */
  get isAnnounced(): boolean {
    return this.#isAnnounced;
  }

  counters(): ReplicaCounters {
    return {
      ...this.#executor.counters(),
      dropped: this.#dropped,
      publishFailures: this.#outbox.failures,
    };
  }

  /** What must be handed to the next core of this process if this one dies. */
  memory(): ReplicaMemory {
    return {
      epochs: this.#epochs.memory(),
      halt: this.#halt.memory(),
      lastReset: this.#lastReset,
    };
  }

  onCommand(
    message: CommandMessage,
    enqueuedAtInMs: number,
    trace: TraceContext | null = null,
  ): void {
    if (this.#isClosed) {
      return;
    }
    if (!Number.isFinite(enqueuedAtInMs)) {
      this.onDropped("the broker's stamp is not a time");
      return;
    }
    this.#time.observe(enqueuedAtInMs);
    if (message.type === "roll-call") {
      if (Math.abs(this.#time.nowInMs() - Date.parse(message.issued_at)) <= FRESH_FOR_IN_MS) {
        this.#answerRollCall(message);
      } else {
        this.onDropped("the roll-call is not of this time");
      }
    } else if (Number.isNaN(Date.parse(message.expires_at) + Date.parse(message.issued_at))) {
      this.onDropped("/expires_at or /issued_at is not a time");
    } else {
      this.#reports.begin(message.command_id, trace);
      this.#executor.take(message);
      this.#changed();
    }
  }

  onConnected(): void {
    if (!this.#isClosed) {
      this.#changed();
      void this.#announce("hello");
    }
  }

  onDisconnected(): void {
    this.#changed();
  }

  onDropped(reason: string): void {
    this.#dropped += 1;
    // A flood of bad messages must not become a flood of log lines: 1, 2, 4, 8, …
    if (Number.isInteger(Math.log2(this.#dropped))) {
      this.#options.log.warn("message-dropped", { reason, dropped: this.#dropped });
    }
  }

  #answerRollCall(rollCall: RollCall): void {
    this.#heartbeat.setInterval(rollCall.heartbeat_interval_ms);
    if (rollCall.halt !== undefined && this.#guard.learnHalt(rollCall.halt)) {
      this.#changed();
    }
    const { clock, random, identity } = this.#options;
    if (rollCall.replicas !== undefined && !rollCall.replicas.includes(identity.replica_id)) {
      return;
    }
    if (this.#rollCallTimer !== undefined) {
      return;
    }
    const spreadInMs = Math.min(rollCall.jitter_ms, LONGEST_JITTER_IN_MS);
    this.#rollCallTimer = clock.after(random() * spreadInMs, () => {
      this.#rollCallTimer = undefined;
      void this.#announce("hello");
    });
  }

  async #beat(): Promise<void> {
    await this.#guard.look(this.#heartbeat.intervalInMs);
    await this.#announce("heartbeat");
  }

  async #announce(type: "hello" | "heartbeat"): Promise<void> {
    const timeoutInMs = Math.min(this.#heartbeat.intervalInMs, LONGEST_SEND_IN_MS);
    const state = this.#tryState();
    const isSettled =
      state !== null &&
      (await this.#outbox.send({ schema: BUS_SCHEMA_VERSION, type, ...state }, timeoutInMs));
    if (isSettled) {
      this.#guard.settled();
    }
    if (isSettled && !this.#isAnnounced) {
      this.#isAnnounced = true;
      this.#changed();
    }
  }

  /** Null when the process cannot say what it holds: a missed heartbeat shows that, a made-up state would hide it. */
  #tryState(): ReplicaState | null {
    try {
      return this.state();
    } catch (error) {
      this.#options.log.error("state-failed", { error });
      return null;
    }
  }

  #reportRecovery(body: RecoveryBody): Promise<boolean> {
    this.#reports.recovery(body);
    const report = { schema: BUS_SCHEMA_VERSION, type: "recovery-report", ...body } as const;
    return this.#outbox.send(report, LONGEST_SEND_IN_MS);
  }

  #changed(): void {
    this.#options.onChange?.();
  }

  #remember(acknowledgement: AcknowledgementBody, command: Command): void {
    const { fault } = command;
    this.#lastAcknowledgement = acknowledgement;
    this.#reports.acknowledgement(acknowledgement, command);
    if (fault === "redis-reset" && acknowledgement.state === "acknowledged") {
      this.#lastReset = acknowledgement.closed_at;
      if (acknowledgement.connections_closed + acknowledgement.connecting_aborted > 0) {
        this.#watch.begin(acknowledgement.command_id);
      }
    }
    this.#changed();
  }

  /** What `hello` and `heartbeat` say. */
  state(): ReplicaState {
    const { identity, clock, ports, startedAtMonotonicInMs } = this.#options;
    const ageInMs = clock.monotonicInMs() - startedAtMonotonicInMs;
    return {
      ...identity,
      started_at: new Date(this.#time.nowInMs() - ageInMs).toISOString(),
      interval_ms: this.#heartbeat.intervalInMs,
      clock_offset_ms: this.#time.offsetInMs(),
      highest_epoch: Math.max(this.#epochs.highest, this.#halt.epoch),
      active_faults: this.#faults.active(),
      halted: this.#halt.isHalted,
      redis: { ...ports.connections.state(), last_reset: this.#lastReset },
      dropped_messages: this.#dropped,
      last_acknowledgement: this.#lastAcknowledgement,
      last_recovery: this.#watch.current(),
    };
  }
}
