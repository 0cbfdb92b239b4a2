import {
  BUS_SCHEMA_VERSION,
  BrokerTime,
  type AcknowledgementBody,
  type Clock,
  type CommandMessage,
  type Log,
  type ReplicaIdentity,
  type ReplicaState,
  type RollCall,
  type Timer,
} from "@fleetquake/contract";
import { CommandExecutor, type CommandCounters } from "./command-executor.ts";
import { EventOutbox } from "./event-outbox.ts";
import { redisReset } from "./faults/redis-reset.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { ConnectionSet } from "./ports/connection-set.ts";
import type { ReplicaBus, ReplicaBusListener } from "./ports/replica-bus.ts";
import { RecoveryWatch } from "./recovery-watch.ts";
import { settledWithin } from "./settled-within.ts";

/** Longest spread of the answers to a roll-call. */
const LONGEST_JITTER_IN_MS = 60_000;
/** No event may take longer than this: what it said is old by then. */
const LONGEST_SEND_IN_MS = 3_000;
/** How long a close waits for the command that is being executed. */
const CLOSE_PATIENCE_IN_MS = 2_000;

export interface ReplicaOptions {
  readonly identity: ReplicaIdentity;
  /** Started by `start`; closing it is left to whoever made it. */
  readonly bus: ReplicaBus;
  readonly connections: ConnectionSet;
  readonly clock: Clock;
  /** The span between heartbeats in milliseconds until a roll-call sets another. */
  readonly heartbeatIntervalInMs: number;
  readonly log: Log;
  /** When the process started, by the monotonic clock. */
  readonly startedAtMonotonicInMs: number;
  /** A number from 0 to 1 for spreading answers; `Math.random` where nothing depends on it. */
  readonly random: () => number;
  /** What an earlier replica core of the same process knew; absent at its first start. */
  readonly memory?: ReplicaMemory;
  /** The connection to the bus, `isAnnounced` or `memory()` may have changed. */
  readonly onChange?: () => void;
}

/** What must survive a restart of the replica's core within one process. */
export interface ReplicaMemory {
  readonly highestEpoch: number;
  readonly lastReset: string | null;
}

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
  readonly #executor: CommandExecutor;
  readonly #heartbeat: Heartbeat;
  readonly #watch: RecoveryWatch;
  #rollCallTimer: Timer | undefined;
  #dropped = 0;
  #lastAcknowledgement: AcknowledgementBody | null = null;
  #lastReset: string | null;
  #isAnnounced = false;
  #isClosed = false;

  constructor(options: ReplicaOptions) {
    const { bus, clock, log, identity, connections } = options;
    this.#options = options;
    this.#time = new BrokerTime(clock);
    this.#outbox = new EventOutbox(bus, log);
    this.#lastReset = options.memory?.lastReset ?? null;
    this.#watch = new RecoveryWatch({
      clock,
      connections,
      replicaId: identity.replica_id,
      instanceId: identity.instance_id,
      report: (body) =>
        this.#outbox.send(
          { schema: BUS_SCHEMA_VERSION, type: "recovery-report", ...body },
          LONGEST_SEND_IN_MS,
        ),
    });
    this.#executor = new CommandExecutor({
      identity,
      clock,
      log,
      time: this.#time,
      outbox: this.#outbox,
      faults: [redisReset(connections)],
      highestEpoch: options.memory?.highestEpoch ?? 0,
      onInject: () => this.#watch.finish(),
      onAnswered: (acknowledgement) => this.#remember(acknowledgement),
    });
    this.#heartbeat = new Heartbeat({
      clock,
      intervalInMs: options.heartbeatIntervalInMs,
      random: options.random,
      beat: () => this.#announce("heartbeat"),
    });
  }

  /** Starts to listen and to beat; returns at once also when the bus is down. */
  async start(): Promise<void> {
    this.#heartbeat.start();
    await this.#options.bus.start(this);
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
    await settledWithin(this.#executor.idle(), CLOSE_PATIENCE_IN_MS, clock);
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
    return { highestEpoch: this.#executor.highestEpoch, lastReset: this.#lastReset };
  }

  onCommand(message: CommandMessage, enqueuedAtInMs: number): void {
    if (this.#isClosed) {
      return;
    }
    if (!Number.isFinite(enqueuedAtInMs)) {
      this.onDropped("the broker's stamp is not a time");
      return;
    }
    this.#time.observe(enqueuedAtInMs);
    if (message.type === "roll-call") {
      this.#answerRollCall(message);
    } else if (Number.isNaN(Date.parse(message.expires_at))) {
      this.onDropped("/expires_at is not a time");
    } else {
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

  async #announce(type: "hello" | "heartbeat"): Promise<void> {
    const timeoutInMs = Math.min(this.#heartbeat.intervalInMs, LONGEST_SEND_IN_MS);
    const state = this.#tryState();
    const isSettled =
      state !== null &&
      (await this.#outbox.send({ schema: BUS_SCHEMA_VERSION, type, ...state }, timeoutInMs));
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

  #changed(): void {
    this.#options.onChange?.();
  }

  #remember(acknowledgement: AcknowledgementBody): void {
    this.#lastAcknowledgement = acknowledgement;
    if (acknowledgement.state === "acknowledged") {
      this.#lastReset = acknowledgement.closed_at;
      if (acknowledgement.connections_closed + acknowledgement.connecting_aborted > 0) {
        this.#watch.begin(acknowledgement.command_id);
      }
    }
    this.#changed();
  }

  /** What `hello` and `heartbeat` say. */
  state(): ReplicaState {
    const { identity, clock, connections, startedAtMonotonicInMs } = this.#options;
    const ageInMs = clock.monotonicInMs() - startedAtMonotonicInMs;
    return {
      ...identity,
      started_at: new Date(this.#time.nowInMs() - ageInMs).toISOString(),
      interval_ms: this.#heartbeat.intervalInMs,
      clock_offset_ms: this.#time.offsetInMs(),
      highest_epoch: this.#executor.highestEpoch,
      redis: { ...connections.state(), last_reset: this.#lastReset },
      dropped_messages: this.#dropped,
      last_acknowledgement: this.#lastAcknowledgement,
      last_recovery: this.#watch.current(),
    };
  }
}
