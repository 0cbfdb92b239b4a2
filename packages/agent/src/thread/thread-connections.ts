import type { Clock, CloseReport, RedisState, Timer } from "@fleetquake/contract";
import type { CloseOptions, ConnectionSet, RecoveryObservation } from "@fleetquake/replica";
import type { OutsideClose } from "../outside/close-clients.ts";
import type { ConnectionPicture, SocketPicture } from "../sockets/connection-picture.ts";
import { CloseClaim } from "./close-claim.ts";
import { toCloseError, toFailedResult, type CloseResult } from "./close-result.ts";
import { subtractClosed } from "./subtract-closed.ts";
import type { FromThread } from "./thread-message.ts";

/** What a close that has begun may take beyond its drain before its answer is given up. */
const EXECUTION_PATIENCE_IN_MS = 5_000;
/** A loop that has not come round by then stands still: a forced close is carried out from outside of it. */
const LOOP_PATIENCE_IN_MS = 250;
/** A drain needs the loop, so that a busy one gets longer; but not so long that nobody waits for the answer any more. */
const DRAIN_PATIENCE_IN_MS = 2_000;
const DRAIN_PATIENCE_SHARE = 0.5;
/** A timer that fires so late shows that its own thread stood still. */
const STALL_IN_MS = 150;

export interface ThreadConnectionsOptions {
  readonly clock: Clock;
  readonly state: RedisState;
  readonly post: (message: Extract<FromThread, { type: "close" | "closed-from-outside" }>) => void;
  /** Looks for a way to close without the application's loop. */
  readonly prepareOutsideClose: PrepareOutsideClose;
}

/** null: there is no way. Never rejects; what it resolves to may do so. */
type PrepareOutsideClose = (options: {
  readonly picture: SocketPicture;
  readonly deadlineInMs: number;
  readonly reportsAddresses: boolean;
}) => Promise<(() => Promise<OutsideClose>) | null>;

type LoopCloseOptions = Omit<CloseOptions, "onClosed">;

interface OpenClose {
  readonly requestId: number;
  readonly options: LoopCloseOptions;
  readonly claim: CloseClaim;
  readonly settle: (result: CloseResult) => void;
  /** For the command to expire or its answer to come, and for the loop to come round. */
  timers: readonly Timer[];
}

/** The application's connections as the agent's thread sees them: a copy of their state, and a way to ask for a close. */
export class ThreadConnections implements ConnectionSet {
  readonly #options: ThreadConnectionsOptions;
  readonly #open = new Map<number, OpenClose>();
  #state: RedisState;
  #picture: ConnectionPicture | null = null;
  #lastRequestId = 0;
  #closedFromOutsideAtInMs = Number.NEGATIVE_INFINITY;

  constructor(options: ThreadConnectionsOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  state(): RedisState {
    return this.#state;
  }

  /** Null also after a close from outside, until the application's loop is back and looks. */
  recovery(): RecoveryObservation | null {
    const sinceInMs = this.#picture?.recoverySinceInMs ?? Number.NEGATIVE_INFINITY;
    return sinceInMs >= this.#closedFromOutsideAtInMs ? (this.#picture?.recovery ?? null) : null;
  }

  update(picture: ConnectionPicture): void {
    this.#picture = picture;
    this.#state = picture.state;
  }

  close({ onClosed, ...options }: CloseOptions): Promise<CloseReport> {
    this.#lastRequestId += 1;
    const requestId = this.#lastRequestId;
    const claim = new CloseClaim();
    return new Promise((resolve, reject) => {
      const settle = (result: CloseResult): void => {
        this.#open.delete(requestId);
        cancelTimers(open);
        if (result.ok) {
          if (result.closedAtInMs !== null) {
            onClosed?.(result.closedAtInMs);
          }
          resolve(result.report);
        } else {
          reject(toCloseError(result));
        }
      };
      const open: OpenClose = { requestId, options, claim, settle, timers: [] };
      this.#open.set(requestId, open);
      this.#arm(open);
      this.#options.post({ type: "close", requestId, options, claim: claim.shared });
    });
  }

  /** Takes what came of a close; an answer that is no longer waited for is nobody's. */
  closeDone(requestId: number, result: CloseResult): void {
    this.#open.get(requestId)?.settle(result);
  }

  #arm(open: OpenClose): void {
    const leftInMs = this.#leftInMs(open);
    open.timers = [
      this.#options.clock.after(leftInMs, () => this.#expire(open)),
      this.#armPatience(open),
    ];
  }

  #armPatience(open: OpenClose): Timer {
    const { clock } = this.#options;
    const patienceInMs = open.options.force
      ? LOOP_PATIENCE_IN_MS
      : Math.min(DRAIN_PATIENCE_IN_MS, this.#leftInMs(open) * DRAIN_PATIENCE_SHARE);
    const dueInMs = clock.monotonicInMs() + patienceInMs;
    return clock.after(patienceInMs, () => {
      if (clock.monotonicInMs() - dueInMs > STALL_IN_MS) {
        // The whole process was stopped, this thread too: the loop has not had its time yet.
        open.timers = [...open.timers, this.#armPatience(open)];
      } else if (open.claim.isOpen) {
        this.#loopIsLate(open, patienceInMs);
      }
    });
  }

  #leftInMs({ options }: OpenClose): number {
    return options.expiresAtMonotonicInMs - this.#options.clock.monotonicInMs();
  }

  #loopIsLate(open: OpenClose, patienceInMs: number): void {
    const { claim, options, settle } = open;
    if (options.force) {
      void this.#closeFromOutside(open);
    } else if (claim.cancel()) {
      const message = `The application's loop did not come round within ${Math.round(patienceInMs)} ms: it cannot drain.`;
      settle({ ok: false, message, code: "LOOP_BLOCKED", isExpired: false });
    }
  }

  /** Until it has begun the close is still the loop's, which may come round before the command expires. */
  async #closeFromOutside(open: OpenClose): Promise<void> {
    const { prepareOutsideClose } = this.#options;
    const picture = this.#picture?.sockets;
    if (picture === undefined) {
      return;
    }
    const { expiresAtMonotonicInMs: deadlineInMs, reportsAddresses = false } = open.options;
    const close = await prepareOutsideClose({ picture, deadlineInMs, reportsAddresses });
    if (close === null || !open.claim.cancel()) {
      return;
    }
    // The command has begun in time: from here on every call has a deadline of its own.
    cancelTimers(open);
    try {
      this.#finish(open, { outside: await close(), lastSerial: picture.lastSerial });
    } catch (error) {
      open.settle(toFailedResult(error));
    }
  }

  #finish(
    { options, settle }: OpenClose,
    { outside, lastSerial }: { readonly outside: OutsideClose; readonly lastSerial: number },
  ): void {
    const { report, closedAtInMs, knownClosed } = outside;
    const result: CloseResult = { ok: true, report, closedAtInMs };
    this.#closedFromOutsideAtInMs = closedAtInMs;
    this.#state = subtractClosed(this.#state, report);
    this.#options.post({
      type: "closed-from-outside",
      commandId: options.commandId,
      close: { closed: knownClosed, lastSerial, closedAtInMs },
      result,
    });
    settle(result);
  }

  #expire(open: OpenClose): void {
    const { claim, options, settle } = open;
    if (claim.cancel()) {
      const message = "The application's loop was busy until the command expired.";
      settle({ ok: false, message, code: null, isExpired: true });
      return;
    }
    const drainInMs = options.force ? 0 : options.drainTimeoutInMs;
    const timer = this.#options.clock.after(drainInMs + EXECUTION_PATIENCE_IN_MS, () => {
      const message = "The close began and has not been reported done: connections may be closed.";
      settle({ ok: false, message, code: "CLOSE_UNCONFIRMED", isExpired: false });
    });
    open.timers = [timer];
  }
}

function cancelTimers(open: OpenClose): void {
  for (const timer of open.timers) {
    timer.cancel();
  }
  open.timers = [];
}
