import type { SessionLink } from "./session-link.ts";

/** A link that the broker has detached: what the peer had sent before it knew is ignored. */
export class ClosingLink implements SessionLink {
  readonly #confirmed: () => void;

  constructor(confirmed: () => void) {
    this.#confirmed = confirmed;
  }

  flow(): void {
    // Too late.
  }

  transfer(): void {
    // Too late; without a disposition the peer knows that it was not taken.
  }

  peerDetached(): void {
    this.#confirmed();
  }

  lost(): void {
    // Nobody is left to tell.
  }
}
