import type { AmqpError } from "./amqp-error.ts";
import type { Settlement } from "./settlement.ts";

/** A message on its way out of a link. */
export interface OutgoingMessage {
  readonly handle: number;
  /** The whole encoded message; may be shared between links. */
  readonly message: Buffer;
  readonly tag: Buffer;
  /** Absent when the message goes out settled. */
  readonly settlement: Settlement | undefined;
}

/** The state of a link, as a flow frame tells it. */
export interface LinkFlow {
  readonly handle: number;
  readonly deliveryCount: number;
  readonly credit: number;
  readonly isDrain: boolean;
}

/** The broker's verdict on a delivery. */
export interface SettledDelivery {
  /** True when the broker received the delivery, false when it sent it. */
  readonly isReceiver: boolean;
  readonly deliveryId: number;
  /** The encoded delivery state. */
  readonly state: Buffer;
}

/** What a link asks of the session that carries it. */
export interface LinkOutput {
  /** True while the peer's window is closed; what is sent then waits in memory. */
  readonly isBlocked: boolean;
  sendMessage(message: OutgoingMessage): void;
  sendFlow(flow: LinkFlow): void;
  settle(delivery: SettledDelivery): void;
  /** Detaches a handle for good, and ignores what the peer still sends on it. */
  detach(handle: number, error: AmqpError): void;
  /** Answers the peer's detach and frees the handle. */
  answerDetach(handle: number): void;
}
