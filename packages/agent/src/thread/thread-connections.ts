import type { Clock, CloseReport, RedisState, Timer } from "@fleetquake/contract";
import {
  type CloseOptions,
  type ConnectionSet,
  type RecoveryObservation,
} from "@fleetquake/replica";
import { CloseClaim } from "./close-claim.ts";
import { toCloseError, type CloseResult } from "./close-result.ts";
import type { FromThread } from "./thread-message.ts";

/** What a close that has begun may take beyond its drain before its answer is given up. */
const EXECUTION_PATIENCE_IN_MS = 5_000;

export interface ThreadConnectionsOptions {
  readonly clock: Clock;
  readonly state: RedisState;
  readonly post: (message: Extract<FromThread, { type: "close" }>) => void;
}

interface OpenClose {
  timer: Timer;
  readonly settle: (result: CloseResult) => void;
}

/** The application's connections as the agent's thread sees them: a copy of their state, and a way to ask for a close. */
export class ThreadConnections implements ConnectionSet {
  readonly #options: ThreadConnectionsOptions;
  readonly #open = new Map<number, OpenClose>();
  #state: RedisState;
  #recovery: RecoveryObservation | null = null;
  #lastRequestId = 0;

  constructor(options: ThreadConnectionsOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  state(): RedisState {
    return this.#state;
  }

  recovery(): RecoveryObservation | null {
    return this.#recovery;
  }

  update(state: RedisState, recovery: RecoveryObservation | null): void {
    this.#state = state;
    this.#recovery = recovery;
  }

  close({ onClosed, ...options }: CloseOptions): Promise<CloseReport> {
    const { clock, post } = this.#options;
    this.#lastRequestId += 1;
    const requestId = this.#lastRequestId;
    const claim = new CloseClaim();
    return new Promise((resolve, reject) => {
      const settle = (result: CloseResult): void => {
        this.#open.get(requestId)?.timer.cancel();
        this.#open.delete(requestId);
        if (result.ok) {
          if (result.closedAtInMs !== null) {
            onClosed?.(result.closedAtInMs);
          }
          resolve(result.report);
        } else {
          reject(toCloseError(result));
        }
      };
      const leftInMs = options.expiresAtMonotonicInMs - clock.monotonicInMs();
      const timer = clock.after(leftInMs, () => this.#expire(requestId, claim, options));
      this.#open.set(requestId, { timer, settle });
      post({ type: "close", requestId, options, claim: claim.shared });
    });
  }

  /** Takes what came of a close; an answer that is no longer waited for is nobody's. */
  closeDone(requestId: number, result: CloseResult): void {
    this.#open.get(requestId)?.settle(result);
  }

  #expire(requestId: number, claim: CloseClaim, options: CloseOptions): void {
    const open = this.#open.get(requestId);
    if (open === undefined) {
      return;
    }
    if (claim.cancel()) {
      const message = "The application's loop was busy until the command expired.";
      open.settle({ ok: false, message, code: null, isExpired: true });
      return;
    }
    const drainInMs = options.force ? 0 : options.drainTimeoutInMs;
    open.timer = this.#options.clock.after(drainInMs + EXECUTION_PATIENCE_IN_MS, () => {
      const message = "The close began and has not been reported done: connections may be closed.";
      open.settle({ ok: false, message, code: "CLOSE_UNCONFIRMED", isExpired: false });
    });
  }
}
