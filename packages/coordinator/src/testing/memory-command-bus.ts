import type { CommandMessage, FleetEvent, LedgerEvent } from "@fleetquake/contract";
import {
  BusUnavailableError,
  type CommandBus,
  type CommandBusListener,
  type EventOrigin,
  type Published,
  type PublishOptions,
} from "../ports/command-bus.ts";
import type { MemoryBroker } from "./memory-broker.ts";

/**
 * What becomes of the next commands: `lost` went out as `unknown` and did not arrive, of an `unanswered` one the broker has
 * said nothing yet.
 */
export type PublishSwitch = "yes" | "unknown" | "lost" | "unavailable" | "broken" | "unanswered";

const NO_ORIGIN: EventOrigin = { messageId: "", sizeInBytes: 0 };

/** One API replica's bus in memory. */
export class MemoryCommandBus implements CommandBus {
  /** What becomes of commands; roll-calls go out whenever the bus is up. */
  publishes: PublishSwitch = "yes";
  /** Awaited before each command is published. */
  beforePublish: () => Promise<void> = () => Promise.resolve();
  /** Awaited before each event is published. */
  beforeEvent: (message: LedgerEvent) => Promise<void> = () => Promise.resolve();
  /** Roll-calls go out, and their receipts do not come back. */
  losesReceipts = false;
  connected = false;
  readonly provisioned: string[] = [];
  readonly #broker: MemoryBroker;
  #isUp: boolean;
  #listener: CommandBusListener | null = null;

  constructor(broker: MemoryBroker, isUp = true) {
    this.#broker = broker;
    this.#isUp = isUp;
  }

  async start(listener: CommandBusListener): Promise<void> {
    this.#listener = listener;
    if (this.#isUp) {
      this.goUp();
    }
    await Promise.resolve();
  }

  goDown(): void {
    this.#isUp = false;
    if (this.connected) {
      this.connected = false;
      this.#listener?.onDisconnected();
    }
  }

  goUp(): void {
    this.#isUp = true;
    this.connected = true;
    this.#listener?.onConnected();
  }

  async publishCommand(
    message: CommandMessage,
    { timeoutInMs = 0 }: PublishOptions = {},
  ): Promise<Published> {
    await Promise.resolve();
    this.#assertUp();
    if (message.type === "roll-call") {
      this.#broker.sendCommand(message);
      return this.losesReceipts ? this.#unknownAfter(timeoutInMs) : "yes";
    }
    await this.beforePublish();
    switch (this.publishes) {
      case "unavailable":
        throw new BusUnavailableError("the command was not published");
      case "broken":
        throw new Error("nobody foresaw this");
      case "lost":
        return "unknown";
      case "unanswered":
        this.#broker.sendCommand(message);
        return new Promise<Published>(() => undefined);
      case "unknown":
      case "yes":
        this.#broker.sendCommand(message);
        return this.publishes;
      default:
        return this.publishes satisfies never;
    }
  }

  async publishEvent(message: LedgerEvent): Promise<void> {
    await this.beforeEvent(message);
    this.#assertUp();
    this.#broker.sendEvent(message);
  }

  async provisionReplica(replicaId: string): Promise<void> {
    await Promise.resolve();
    this.provisioned.push(replicaId);
  }

  deliver(event: FleetEvent, enqueuedAtInMs: number, origin: EventOrigin = NO_ORIGIN): void {
    if (this.connected) {
      this.#listener?.onEvent(event, enqueuedAtInMs, origin);
    }
  }

  async close(): Promise<void> {
    await Promise.resolve();
    this.goDown();
    this.#listener = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #unknownAfter(spanInMs: number): Promise<Published> {
    return new Promise((resolve) => {
      this.#broker.clock.after(spanInMs, () => resolve("unknown"));
    });
  }

  #assertUp(): void {
    if (!this.#isUp) {
      throw new BusUnavailableError("the bus is down");
    }
  }
}
