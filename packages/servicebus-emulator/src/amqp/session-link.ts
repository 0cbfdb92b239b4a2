import type { Flow, Transfer } from "./performatives.ts";

/** One handle of a session, as the session sees it: a link, or what is left of one. */
export interface SessionLink {
  /** The peer has granted credit, asked to drain, or asked for the state of the link. */
  flow(flow: Flow): void;
  /** The peer has sent a message, or a part of one. */
  transfer(transfer: Transfer, payload: Buffer): void;
  /** The peer has detached the link. */
  peerDetached(): void;
  /** The session or the connection is gone; nothing can be sent any more. */
  lost(): void;
}
