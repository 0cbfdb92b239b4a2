import { type AmqpError, decodeError } from "./amqp-error.ts";
import type { LinkOutput } from "./link-output.ts";
import type { Flow } from "./performatives.ts";
import type { SessionLink } from "./session-link.ts";
import type { Settlement } from "./settlement.ts";

/** What the owner of a link that sends to a peer wants to hear. */
export interface OutgoingLinkHandler {
  /** The peer has granted credit: send what there is, now, without waiting. */
  credited(): void;
  /** The link is gone: detached by the peer, or with its session or connection. Called once. */
  ended(): void;
}

/** A link on which the broker sends messages to a peer that receives. */
export class OutgoingLink implements SessionLink {
  readonly name: string;
  readonly #session: LinkOutput;
  readonly #handle: number;
  #handler: OutgoingLinkHandler | undefined;
  #credit = 0;
  #deliveryCount = 0;

  constructor(session: LinkOutput, handle: number, name: string) {
    this.#session = session;
    this.#handle = handle;
    this.name = name;
  }

  /** Names who hears of credit and of the link's end. */
  handledBy(handler: OutgoingLinkHandler): void {
    this.#handler = handler;
  }

  /** True while the peer takes another message and the session's window is open. */
  get canSend(): boolean {
    return this.#credit > 0 && !this.#session.isBlocked;
  }

  /**
   * Sends one message. Without `settlement` it goes out settled, else under `tag` until the peer's
   * verdict comes. The caller has checked `canSend`.
   */
  send(message: Buffer, tag: Buffer, settlement?: Settlement): void {
    this.#credit -= 1;
    this.#deliveryCount = (this.#deliveryCount + 1) >>> 0;
    this.#session.sendMessage({ handle: this.#handle, message, tag, settlement });
  }

  /** Detaches the link and says why; `ended` is not called. */
  detach(error: AmqpError): void {
    this.#handler = undefined;
    this.#session.detach(this.#handle, error);
  }

  flow(flow: Flow): void {
    if (flow.linkCredit !== undefined) {
      const peerCount = flow.deliveryCount ?? 0;
      const credit = (peerCount + flow.linkCredit - this.#deliveryCount) | 0;
      this.#credit = Math.max(0, credit);
    }
    this.#handler?.credited();
    if (flow.drain) {
      // Also with no credit left: the SDK waits for this answer before it returns a batch.
      this.#deliveryCount = (this.#deliveryCount + this.#credit) >>> 0;
      this.#credit = 0;
    }
    if (flow.drain || flow.echo) {
      this.#session.sendFlow({
        handle: this.#handle,
        deliveryCount: this.#deliveryCount,
        credit: this.#credit,
        isDrain: flow.drain,
      });
    }
  }

  /** The session's window has opened again. */
  unblocked(): void {
    if (this.#credit > 0) {
      this.#handler?.credited();
    }
  }

  transfer(): void {
    throw decodeError("A transfer came on a link whose peer is the receiver.");
  }

  peerDetached(): void {
    this.#session.answerDetach(this.#handle);
    this.lost();
  }

  lost(): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.ended();
  }
}
