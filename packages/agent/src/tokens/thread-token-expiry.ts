import type { Clock, Timer } from "@fleetquake/contract";
import {
  FaultRefusedError,
  type TokenExpiryOptions,
  type TokenExpirySwitch,
} from "@fleetquake/replica";
import type { TokenExpiryRefusal, TokenExpiryRequest } from "./token-expiry-request.ts";

/** A loop that has not come round by then is blocked by something else. */
const LOOP_TIMEOUT_IN_MS = 2_000;
/** What the way back may take. */
const TRANSIT_IN_MS = 250;

export interface ThreadTokenExpiryOptions {
  readonly clock: Clock;
  /** Whether the application has told the agent of its tokens. */
  readonly hasTokens: boolean;
  /** Tells the application's thread, where the tokens are. */
  readonly ask: (request: TokenExpiryRequest) => void;
}

interface OpenRequest {
  readonly timer: Timer;
  readonly settle: (refusal: TokenExpiryRefusal | null) => void;
  readonly fail: (error: Error) => void;
}

/** The expiry of a process's tokens, as the agent's thread switches it. */
export class ThreadTokenExpiry implements TokenExpirySwitch {
  readonly #options: ThreadTokenExpiryOptions;
  readonly #open = new Map<number, OpenRequest>();
  #lastRequestId = 0;
  /** Whether there may be something to end: a halt ends everything, and must not wait for a busy loop in vain. */
  #mayStand = false;

  constructor(options: ThreadTokenExpiryOptions) {
    this.#options = options;
  }

  async begin({ endsAtMonotonicInMs }: TokenExpiryOptions): Promise<void> {
    if (!this.#options.hasTokens) {
      throw new FaultRefusedError(
        "NO_REDIS_TOKENS",
        "The agent knows of no token of Entra ID that this process's Redis connections use: there is none that could expire. An application tells of its tokens by the option redisTokens.",
      );
    }
    this.#mayStand = true;
    await this.#ask(endsAtMonotonicInMs);
  }

  async end(): Promise<void> {
    if (this.#mayStand) {
      await this.#ask(null);
      this.#mayStand = this.#open.size > 0;
    }
  }

  /** Takes the answer to a request; one that comes too late is nobody's. */
  answer(requestId: number, refusal: TokenExpiryRefusal | null): void {
    this.#take(requestId)?.settle(refusal);
  }

  async #ask(endsAtMonotonicInMs: number | null): Promise<void> {
    const { clock, ask } = this.#options;
    this.#lastRequestId += 1;
    const requestId = this.#lastRequestId;
    const refusal = await new Promise<TokenExpiryRefusal | null>((settle, fail) => {
      const timer = clock.after(LOOP_TIMEOUT_IN_MS + TRANSIT_IN_MS, () =>
        this.#take(requestId)?.fail(loopBlocked()),
      );
      this.#open.set(requestId, { timer, settle, fail });
      const validUntilMonotonicInMs = clock.monotonicInMs() + LOOP_TIMEOUT_IN_MS;
      ask({ requestId, endsAtMonotonicInMs, validUntilMonotonicInMs });
    });
    if (refusal !== null) {
      throw new FaultRefusedError(refusal.code, refusal.message);
    }
  }

  #take(requestId: number): OpenRequest | undefined {
    const request = this.#open.get(requestId);
    this.#open.delete(requestId);
    request?.timer.cancel();
    return request;
  }
}

function loopBlocked(): Error {
  const message = `The event loop did not come round to the tokens within ${LOOP_TIMEOUT_IN_MS} ms.`;
  return Object.assign(new Error(message), { code: "LOOP_BLOCKED" });
}
