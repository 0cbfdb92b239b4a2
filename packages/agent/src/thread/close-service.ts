import type { Clock, CloseReport } from "@fleetquake/contract";
import {
  CloseExpiredError,
  type CloseOptions,
  type ConnectionSet,
} from "@fleetquake/replica/connection-set";
import { CloseClaim } from "./close-claim.ts";
import { toCloseResult, type CloseResult } from "./close-result.ts";
import type { FromThread, ToThread } from "./thread-message.ts";

/** The core remembers a thousand commands; this memory only has to outlive the restart of its thread. */
const REMEMBERED = 64;

export interface CloseServiceOptions {
  readonly connections: ConnectionSet;
  readonly clock: Clock;
  readonly post: (message: Extract<ToThread, { type: "close-done" }>) => void;
  /** Tells the thread how the connections stand. */
  readonly pushState: () => void;
  /** Resolves when the connections may be closed: soon, and long before the moment that it is given. @default at once */
  readonly untilClosable?: (expiresAtMonotonicInMs: number) => Promise<void>;
}

/** Closes connections in the application's thread when the agent's thread asks for it. */
export class CloseService {
  readonly #options: CloseServiceOptions;
  readonly #results = new Map<string, Promise<CloseResult>>();

  constructor(options: CloseServiceOptions) {
    this.#options = options;
  }

  /** Executes a request unless the command has expired; a command that was executed before is only answered. */
  async serve(request: Extract<FromThread, { type: "close" }>): Promise<void> {
    const claim = new CloseClaim(request.claim);
    if (!claim.take()) {
      return;
    }
    const { pushState, post } = this.#options;
    pushState();
    const result = await this.#once(request.options);
    pushState();
    post({ type: "close-done", requestId: request.requestId, result });
  }

  /** A command was executed without this thread: from now on it is only answered. */
  remember(commandId: string, result: Promise<CloseResult>): void {
    this.#results.set(commandId, result);
    if (this.#results.size > REMEMBERED) {
      const [oldest] = this.#results.keys();
      this.#results.delete(oldest ?? "");
    }
  }

  #once(options: CloseOptions): Promise<CloseResult> {
    const earlier = this.#results.get(options.commandId);
    if (earlier !== undefined) {
      return earlier;
    }
    const result = toCloseResult((onClosed) => this.#close({ ...options, onClosed }));
    this.remember(options.commandId, result);
    return result;
  }

  async #close(options: CloseOptions): Promise<CloseReport> {
    // A process that was stopped wakes in both threads at once: the claim alone would be a race.
    if (this.#options.clock.monotonicInMs() >= options.expiresAtMonotonicInMs) {
      throw new CloseExpiredError("The process got to the command after it had expired.");
    }
    await this.#options.untilClosable?.(options.expiresAtMonotonicInMs);
    return await this.#options.connections.close(options);
  }
}
