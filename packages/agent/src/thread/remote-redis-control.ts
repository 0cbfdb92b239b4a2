import type { Clock, Timer } from "@fleetquake/contract";
import type { ClientRow, RedisControl, RedisEndpoint } from "../control/redis-control.ts";
import type { ControlAnswer, ControlCall } from "./control-call.ts";

/** What the way between the threads may take on top of a call's own timeout. */
const TRANSIT_IN_MS = 250;
const ADDRESSES_TIMEOUT_IN_MS = 500;

export interface RemoteRedisControlOptions {
  readonly clock: Clock;
  /** @returns false when there is no thread to hear it. */
  readonly send: (callId: number, call: ControlCall) => boolean;
}

interface OpenCall {
  readonly timer: Timer;
  readonly settle: (answer: ControlAnswer | null) => void;
}

/** The control connection as the application's thread sees it: the connection itself stands in the agent's thread. */
export class RemoteRedisControl implements RedisControl {
  readonly #options: RemoteRedisControlOptions;
  readonly #open = new Map<number, OpenCall>();
  #lastCallId = 0;

  constructor(options: RemoteRedisControlOptions) {
    this.#options = options;
  }

  async clientList(
    endpoint: RedisEndpoint,
    { ids, timeoutInMs }: { readonly ids?: readonly string[]; readonly timeoutInMs: number },
  ): Promise<readonly ClientRow[] | null> {
    const call = { method: "clientList", endpoint, ids: ids ?? null, timeoutInMs } as const;
    const answer = await this.#call(call, timeoutInMs);
    return answer?.method === "clientList" ? answer.rows : null;
  }

  async unblock(
    endpoint: RedisEndpoint,
    { ids, timeoutInMs }: { readonly ids: readonly string[]; readonly timeoutInMs: number },
  ): Promise<boolean> {
    const answer = await this.#call({ method: "unblock", endpoint, ids, timeoutInMs }, timeoutInMs);
    return answer?.method === "unblock" && answer.isDone;
  }

  async localAddresses(): Promise<readonly string[]> {
    const answer = await this.#call({ method: "localAddresses" }, ADDRESSES_TIMEOUT_IN_MS);
    return answer?.method === "localAddresses" ? answer.addresses : [];
  }

  /** Takes the answer to a call; one that comes too late is nobody's. */
  answer(callId: number, answer: ControlAnswer): void {
    this.#settle(callId, answer);
  }

  /** Nobody will answer any more: the thread is gone. */
  abandon(): void {
    for (const callId of this.#open.keys()) {
      this.#settle(callId, null);
    }
  }

  close(): Promise<void> {
    this.abandon();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call(call: ControlCall, timeoutInMs: number): Promise<ControlAnswer | null> {
    this.#lastCallId += 1;
    const callId = this.#lastCallId;
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(timeoutInMs + TRANSIT_IN_MS, () =>
        this.#settle(callId, null),
      );
      this.#open.set(callId, { timer, settle: resolve });
      if (!this.#options.send(callId, call)) {
        this.#settle(callId, null);
      }
    });
  }

  #settle(callId: number, answer: ControlAnswer | null): void {
    const call = this.#open.get(callId);
    this.#open.delete(callId);
    call?.timer.cancel();
    call?.settle(answer);
  }
}
