import {
  BUS_SCHEMA_VERSION,
  type AcknowledgementBody,
  type Clock,
  type Command,
  type CommandMessage,
  type CommandTarget,
  type ReplicaState,
  type RollCall,
  type Timer,
} from "@fleetquake/contract";
import { timestampOf } from "../timestamp-of.ts";
import type { MemoryBroker } from "./memory-broker.ts";
import { acknowledgement, replicaState } from "./messages.ts";
import { stateAfter } from "./state-after.ts";

/** How a replica answers a command. `manual`: the test answers for it. */
export type Behaviour = "acknowledge" | "refuse" | "fail" | "manual";

/** A replica that does what a test says: hello, heartbeats, answers. */
export class ScriptedReplica {
  behaviour: Behaviour = "acknowledge";
  /** What an answer says beside the ordinary. */
  answer: Partial<AcknowledgementBody> = {};
  readonly received: Command[] = [];
  state: ReplicaState;
  readonly #broker: MemoryBroker;
  readonly #clock: Clock;
  #timer: Timer | null = null;
  #unsubscribe: () => void = () => undefined;
  #haltEpoch = 0;

  constructor(broker: MemoryBroker, state: Partial<ReplicaState>) {
    this.#broker = broker;
    this.#clock = broker.clock;
    this.state = replicaState({ instance_id: `${state.replica_id ?? "r1"}-i1`, ...state });
  }

  start(): this {
    this.#unsubscribe = this.#broker.subscribe((message) => this.#receive(message));
    this.say("hello");
    this.#arm();
    return this;
  }

  say(type: "hello" | "heartbeat", enqueuedAtInMs = this.#broker.nowInMs()): void {
    this.#broker.sendEvent({ schema: BUS_SCHEMA_VERSION, type, ...this.state }, enqueuedAtInMs);
  }

  /** Ends without a word, or stands still: nobody can tell from outside. */
  freeze(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#unsubscribe();
  }

  bye(): void {
    this.freeze();
    const { replica_id, instance_id } = this.state;
    this.#broker.sendEvent({ schema: BUS_SCHEMA_VERSION, type: "bye", replica_id, instance_id });
  }

  /** Answers a command, and repeats the answer in every heartbeat from now on. */
  acknowledge(commandId: string, overrides: Partial<AcknowledgementBody> = {}): void {
    const body = acknowledgement({
      command_id: commandId,
      replica_id: this.state.replica_id,
      instance_id: this.state.instance_id,
      role: this.state.role,
      connections_closed: this.state.redis.connection_count,
      closed_at: timestampOf(this.#broker.nowInMs()),
      ...this.answer,
      ...overrides,
    });
    this.state = { ...this.state, last_acknowledgement: body };
    this.#broker.sendEvent({ schema: BUS_SCHEMA_VERSION, type: "acknowledgement", ...body });
  }

  #receive(message: CommandMessage): void {
    if (message.type === "roll-call") {
      this.state = { ...this.state, interval_ms: message.heartbeat_interval_ms };
      this.#learnHalt(message.halt);
      if (message.replicas === undefined || message.replicas.includes(this.state.replica_id)) {
        this.say("hello");
      }
      return;
    }
    this.received.push(message);
    if (this.#isMeant(message.target)) {
      this.#obey(message);
    }
  }

  #isMeant({ replicas, role, except_role: exceptRole }: CommandTarget): boolean {
    const { replica_id: replicaId, role: ownRole } = this.state;
    return (
      replicas?.includes(replicaId) !== false &&
      (role === undefined || role === ownRole) &&
      ownRole !== exceptRole
    );
  }

  #obey(message: Command): void {
    const isRefused = this.state.halted && message.action === "inject" && message.fault !== "halt";
    this.state = { ...this.state, highest_epoch: message.epoch };
    const behaviour: Behaviour = isRefused ? "refuse" : this.behaviour;
    switch (behaviour) {
      case "acknowledge":
        this.state = stateAfter(this.state, message);
        this.#haltEpoch = message.fault === "halt" ? message.epoch : this.#haltEpoch;
        this.acknowledge(
          message.command_id,
          message.fault === "redis-reset" ? {} : { connections_closed: 0 },
        );
        break;
      case "refuse":
        this.acknowledge(message.command_id, { ...nothingClosed, state: "refused" });
        break;
      case "fail":
        this.acknowledge(message.command_id, { ...nothingClosed, state: "failed" });
        break;
      case "manual":
        break;
      default:
        behaviour satisfies never;
    }
  }

  #learnHalt(latest: RollCall["halt"]): void {
    if (latest !== undefined && latest.epoch > this.#haltEpoch) {
      this.#haltEpoch = latest.epoch;
      this.state = { ...this.state, halted: latest.halted };
    }
  }

  #arm(): void {
    this.#timer = this.#clock.after(this.state.interval_ms, () => {
      this.say("heartbeat");
      this.#arm();
    });
  }
}

const nothingClosed = {
  connections_closed: 0,
  error: { code: "NOT_ALLOWED", message: "The application does not allow it." },
} as const;
