import type { Log, ReplicaEvent } from "@fleetquake/contract";
import type { ReplicaBus } from "./ports/replica-bus.ts";

/** A sender that knows the loss of the bus as a number, never as an error. */
export class EventOutbox {
  readonly #bus: ReplicaBus;
  readonly #log: Log;
  #failures = 0;

  constructor(bus: ReplicaBus, log: Log) {
    this.#bus = bus;
    this.#log = log;
  }

  /** How many events were not settled. */
  get failures(): number {
    return this.#failures;
  }

  /** Publishes one event and says whether the broker settled it in time; never rejects. */
  async send(event: ReplicaEvent, timeoutInMs: number): Promise<boolean> {
    try {
      await this.#bus.publish(event, { timeoutInMs });
      return true;
    } catch (error) {
      this.#failures += 1;
      this.#log.debug("event-publish-failed", { type: event.type, error });
      return false;
    }
  }
}
