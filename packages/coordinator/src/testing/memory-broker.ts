import { randomUUID } from "node:crypto";
import {
  parseCommandMessage,
  parseFleetEvent,
  type Clock,
  type CommandMessage,
  type FleetEvent,
} from "@fleetquake/contract";
import { readFaultRecord, type FaultRecord } from "../records/fault-record.ts";
import { MemoryCommandBus } from "./memory-command-bus.ts";
import { MemoryFleetLock } from "./memory-fleet-lock.ts";

/** Who is called for every command and roll-call. */
export type CommandReceiver = (message: CommandMessage) => void;

/** A broker in memory: two topics, a lock and its record. Deliveries happen in order, in the next microtasks. */
export class MemoryBroker {
  readonly clock: Clock;
  readonly commands: CommandMessage[] = [];
  readonly events: FleetEvent[] = [];
  readonly lock: MemoryFleetLock;
  /** What is written down under each lock. */
  readonly records = new Map<string, object | null>();
  /** The broker's clock minus the test's. */
  clockShiftInMs = 0;
  /** Events that get lost on their way to one bus. */
  isLost: (event: FleetEvent, bus: MemoryCommandBus) => boolean = () => false;
  readonly #buses = new Set<MemoryCommandBus>();
  readonly #receivers = new Set<CommandReceiver>();

  constructor(clock: Clock) {
    this.clock = clock;
    this.lock = new MemoryFleetLock(this);
  }

  /** What is written down under the lock of resets. */
  get record(): FaultRecord | null {
    return readFaultRecord(this.records.get("redis-reset"));
  }

  nowInMs(): number {
    return this.clock.nowInMs() + this.clockShiftInMs;
  }

  makeBus(): MemoryCommandBus {
    const bus = new MemoryCommandBus(this);
    this.#buses.add(bus);
    return bus;
  }

  /** A replica's subscription. */
  subscribe(receiver: CommandReceiver): () => void {
    this.#receivers.add(receiver);
    return () => this.#receivers.delete(receiver);
  }

  /** Delivers a command or roll-call to every replica. */
  sendCommand(message: CommandMessage): void {
    const parsed = parseCommandMessage(JSON.parse(JSON.stringify(message)));
    if (!parsed.ok) {
      throw new Error(`not a command message: ${parsed.reason}`);
    }
    this.commands.push(parsed.message);
    for (const receiver of this.#receivers) {
      queueMicrotask(() => receiver(parsed.message));
    }
  }

  /** Delivers an event to every API replica. */
  sendEvent(event: FleetEvent, enqueuedAtInMs = this.nowInMs()): void {
    const text = JSON.stringify(event);
    const parsed = parseFleetEvent(JSON.parse(text));
    if (!parsed.ok) {
      throw new Error(`not a fleet event: ${parsed.reason}`);
    }
    this.events.push(parsed.message);
    const origin = { messageId: randomUUID(), sizeInBytes: Buffer.byteLength(text) };
    for (const bus of this.#buses) {
      if (!this.isLost(parsed.message, bus)) {
        queueMicrotask(() => bus.deliver(parsed.message, enqueuedAtInMs, origin));
      }
    }
  }

  /** A broker that starts anew has forgotten its record; every API replica loses it for a moment. */
  restart(): void {
    this.records.clear();
    for (const bus of this.#buses) {
      bus.goDown();
      bus.goUp();
    }
  }
}
