import type { CommandMessage, ReplicaEvent, TraceContext } from "@fleetquake/contract";

/** What a replica hears from the bus. */
export interface ReplicaBusListener {
  /**
   * A valid command or roll-call; `enqueuedAtInMs` is the broker's stamp, ms since 1970.
   * @param trace the operation that a command is part of; null where nobody said
   */
  onCommand(message: CommandMessage, enqueuedAtInMs: number, trace: TraceContext | null): void;
  /** The subscription is live (again): say hello. */
  onConnected(): void;
  onDisconnected(): void;
  /** A message that did not fit the contract was counted and dropped. */
  onDropped(reason: string): void;
}

/** A replica's side of the bus. Connecting and reconnecting go on by themselves until it is closed. */
export interface ReplicaBus extends AsyncDisposable {
  /** Starts to receive; never rejects because the bus is down. */
  start(listener: ReplicaBusListener): Promise<void>;
  readonly connected: boolean;
  /**
   * Publishes one event; no retry beyond the transport's own.
   * @throws when it was not settled within the timeout; the next heartbeat repeats what mattered.
   */
  publish(event: ReplicaEvent, options?: { readonly timeoutInMs?: number }): Promise<void>;
  /** Closes receiver and sender and deletes the subscription if the replica made it; bounded by a few seconds. */
  close(): Promise<void>;
}
