import type { CommandMessage, FleetEvent, LedgerEvent, TraceContext } from "@fleetquake/contract";

/** Whether a publish reached the broker. A publish that certainly failed throws {@link BusUnavailableError}. */
export type Published = "yes" | "unknown";

/** What is known of a message beside what it says. */
export interface EventOrigin {
  /** Its sender's name for it, the same at every API replica; empty where it has none. */
  readonly messageId: string;
  /** Of its body on the bus. */
  readonly sizeInBytes: number;
}

/** What the coordinator hears from the bus. */
export interface CommandBusListener {
  /** A valid message of the fleet; `enqueuedAtInMs` is the broker's stamp, ms since 1970. */
  onEvent(event: FleetEvent, enqueuedAtInMs: number, origin: EventOrigin): void;
  /** The subscription is live (again): what happened before may have been missed, so that the roster warms anew. */
  onConnected(): void;
  onDisconnected(): void;
  /** A message that did not fit the contract was counted and dropped. */
  onDropped(reason: string): void;
}

/** The coordinator's side of the bus: commands out, events in and out. */
export interface CommandBus extends AsyncDisposable {
  /** Starts to receive. Resolves when the first attempt has succeeded or failed; connecting goes on by itself. */
  start(listener: CommandBusListener): Promise<void>;
  readonly connected: boolean;
  /**
   * Publishes a command or a roll-call to every replica.
   * @returns `yes` when the broker settled it, `unknown` when the connection was lost after the message was on its way.
   * @throws {BusUnavailableError} when certainly nothing was published.
   */
  publishCommand(message: CommandMessage, options?: PublishOptions): Promise<Published>;
  /**
   * Publishes a ledger event to every API replica, this one included.
   * @throws {BusUnavailableError} when it was not settled.
   */
  publishEvent(message: LedgerEvent, options?: PublishOptions): Promise<void>;
  /** A replica said hello and may have no subscription yet (where agents may not create their own). */
  provisionReplica(replicaId: string, instanceId: string): Promise<void>;
  /** Closes receivers, senders and the subscription of this API replica; bounded by a few seconds. */
  close(): Promise<void>;
}

export interface PublishOptions {
  /** Give up after this span in milliseconds. */
  readonly timeoutInMs?: number;
  readonly abortSignal?: AbortSignal;
  /** The operation that a command is part of; goes beside the message, where agents that do not know it never look. */
  readonly trace?: TraceContext;
}

/** The bus cannot be reached and certainly nothing was published; the caller may try again. */
export class BusUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BusUnavailableError";
  }
}
