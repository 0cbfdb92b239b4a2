/** Nothing was heard from the broker while it owed us the answers to so many heartbeats: it is frozen. */
const LOST_IN_SILENCE = 2;

/** The broker is heard, but settles nothing: slow at first, then broken. */
const LOST_AT_ALL = 5;

/**
 * Judges a connection by its heartbeats. A frozen broker keeps its connections, which would notice after three minutes;
 * an overloaded one must not be taken for it, since it would only be loaded more by those who connect again.
 */
export class HeartbeatWatch {
  #lost = 0;
  #lostInSilence = 0;

  /** Takes one heartbeat's fate into account; true when the connection should be given up. */
  isOver(heartbeat: { readonly isSettled: boolean; readonly isSilent: boolean }): boolean {
    if (heartbeat.isSettled) {
      this.reset();
      return false;
    }
    this.#lost += 1;
    this.#lostInSilence = heartbeat.isSilent ? this.#lostInSilence + 1 : 0;
    return this.#lostInSilence >= LOST_IN_SILENCE || this.#lost >= LOST_AT_ALL;
  }

  /** Another connection: begins anew. */
  reset(): void {
    this.#lost = 0;
    this.#lostInSilence = 0;
  }
}
