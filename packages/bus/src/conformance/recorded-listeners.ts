import type { CommandMessage, FleetEvent, TraceContext } from "@fleetquake/contract";
import type { CommandBusListener, EventOrigin } from "@fleetquake/coordinator/ports";
import type { ReplicaBusListener } from "@fleetquake/replica";

/** A message and the broker's stamp on it. */
export interface Received<T> {
  readonly message: T;
  readonly enqueuedAtInMs: number;
}

/** Keeps what a replica heard. */
export class RecordedReplica implements ReplicaBusListener {
  readonly commands: (Received<CommandMessage> & { readonly trace: TraceContext | null })[] = [];
  readonly dropped: string[] = [];
  connections = 0;
  disconnections = 0;

  onCommand(message: CommandMessage, enqueuedAtInMs: number, trace: TraceContext | null): void {
    this.commands.push({ message, enqueuedAtInMs, trace });
  }

  onConnected(): void {
    this.connections += 1;
  }

  onDisconnected(): void {
    this.disconnections += 1;
  }

  onDropped(reason: string): void {
    this.dropped.push(reason);
  }

  /** How many messages of an issuer came. */
  heardFrom(issuer: string): number {
    return this.commands.filter(({ message }) => message.issuer === issuer).length;
  }
}

/** Keeps what an API replica heard. */
export class RecordedCoordinator implements CommandBusListener {
  readonly events: (Received<FleetEvent> & { readonly origin: EventOrigin })[] = [];
  readonly dropped: string[] = [];
  connections = 0;
  disconnections = 0;

  onEvent(message: FleetEvent, enqueuedAtInMs: number, origin: EventOrigin): void {
    this.events.push({ message, enqueuedAtInMs, origin });
  }

  onConnected(): void {
    this.connections += 1;
  }

  onDisconnected(): void {
    this.disconnections += 1;
  }

  onDropped(reason: string): void {
    this.dropped.push(reason);
  }

  /** Which replicas said goodbye. */
  get gone(): string[] {
    return this.events.flatMap(({ message }) =>
      message.type === "bye" ? [message.replica_id] : [],
    );
  }
}

/** Waits for a condition; fails with what was waited for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutInMs = 10_000,
): Promise<void> {
  const deadlineInMs = performance.now() + timeoutInMs;
  while (!(await holds())) {
    if (performance.now() > deadlineInMs) {
      throw new Error(`Not within ${timeoutInMs} ms: ${what}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
