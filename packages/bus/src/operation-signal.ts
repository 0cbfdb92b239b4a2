/** As much of an AbortSignal as an operation needs: Node's is one, and the SDK takes any. */
export interface EndSignal {
  readonly aborted: boolean;
  /** Why; undefined until it was aborted. */
  readonly reason: unknown;
  addEventListener(
    type: "abort",
    listener: (event: { readonly type: string }) => void,
    options?: { readonly once?: boolean },
  ): void;
  removeEventListener(type: "abort", listener: (event: { readonly type: string }) => void): void;
}

/**
 * The signal of one operation. Every message has one, and Node's AbortController with its listeners costs as much
 * processor time as half of the sending; this is a list.
 */
export class OperationSignal implements EndSignal {
  #listeners: ((event: { readonly type: string }) => void)[] = [];
  #aborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** A listener is called once; one that is added after the abort is not called, as with Node's. */
  addEventListener(_type: "abort", listener: (event: { readonly type: string }) => void): void {
    if (!this.#listeners.includes(listener)) {
      this.#listeners.push(listener);
    }
  }

  removeEventListener(_type: "abort", listener: (event: { readonly type: string }) => void): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
  }

  /** Tells the listeners; the second time it does nothing. */
  abort(reason: unknown): void {
    if (this.#aborted) {
      return;
    }
    this.#aborted = true;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) {
      listener({ type: "abort" });
    }
  }
}
