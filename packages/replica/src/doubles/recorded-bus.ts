import type { ReplicaEvent } from "@fleetquake/contract";
import type { ReplicaBus, ReplicaBusListener } from "../ports/replica-bus.ts";

/** A bus that keeps what is published and can be told to fail. */
export class RecordedBus implements ReplicaBus {
  readonly events: ReplicaEvent[] = [];
  listener: ReplicaBusListener | undefined;
  connected = true;
  isFailing = false;

  start(listener: ReplicaBusListener): Promise<void> {
    this.listener = listener;
    return Promise.resolve();
  }

  publish(event: ReplicaEvent): Promise<void> {
    if (this.isFailing) {
      return Promise.reject(new Error("the bus is gone"));
    }
    this.events.push(event);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The events of one type, oldest first. */
  published<T extends ReplicaEvent["type"]>(type: T): Extract<ReplicaEvent, { type: T }>[] {
    return this.events.filter(
      (event): event is Extract<ReplicaEvent, { type: T }> => event.type === type,
    );
  }
}
