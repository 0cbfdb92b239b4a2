import type { Clock, Log } from "@fleetquake/contract";
import { BusUnavailableError } from "@fleetquake/coordinator/ports";
import type { BusConnection } from "./bus-connection.ts";
import type { EndSignal } from "./operation-signal.ts";
import { pause } from "./pause.ts";
import { ReconnectDelay } from "./reconnect-delay.ts";
import { Transport } from "./transport.ts";
import { withDeadline } from "./with-deadline.ts";

/**
 * Managing, connecting, authorising and attaching. Generous, because a broker to which 500 replicas come back at once
 * answers each of them late, and whoever gives up and begins again makes it later still. A frozen broker costs nothing by
 * it: when it thaws, it goes on where it was.
 */
const OPEN_TIMEOUT_IN_MS = 15_000;

/** Whoever starts does not wait longer for the first attempt. */
const START_TIMEOUT_IN_MS = 5_000;

/** A broker that is restarted is back by then: for so long after a loss it is worth waiting for. */
const PATIENCE_IN_MS = 1_000;

/** An outage is a line of the log every half minute or so. */
const FAILURES_PER_LOG_LINE = 30;

export interface LiveConnectionOptions {
  readonly connection: BusConnection;
  readonly clock: Clock;
  readonly log: Log;
  /** Opens on a new transport whatever must be open before the connection counts as live. */
  readonly open: (transport: Transport, abortSignal: EndSignal) => Promise<void>;
  readonly onLive: (transport: Transport) => void;
  readonly onLost: () => void;
}

/** Keeps one transport live: opens it, replaces it when it fails, until it is closed. */
export class LiveConnection implements AsyncDisposable {
  readonly #options: LiveConnectionOptions;
  readonly #end = new AbortController();
  readonly #delay = new ReconnectDelay();
  readonly #closing = new Set<Promise<void>>();
  readonly #waiting = new Set<() => void>();
  #transport: Transport | undefined;
  #live: Transport | undefined;
  #running: Promise<void> | undefined;
  #firstAttempt: Promise<void> | undefined;
  #lastError: Error | undefined;
  #failures = 0;
  #downSinceInMs: number;

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
    this.#downSinceInMs = options.clock.monotonicInMs();
  }

  get isLive(): boolean {
    return this.#live !== undefined;
  }

  /**
   * Begins to connect; resolves when the first attempt has succeeded, has failed, or has taken five seconds. Calling it
   * again changes nothing.
   */
  start(): Promise<void> {
    this.#firstAttempt ??= this.#start();
    return this.#firstAttempt;
  }

  /**
   * The live transport. Waits for it in the first second of an outage, but not longer than the given span; later it says
   * at once that there is none.
   * @throws {BusUnavailableError} when there is none by then.
   */
  async transport(timeoutInMs: number, abortSignal?: AbortSignal): Promise<Transport> {
    const downForInMs = this.#options.clock.monotonicInMs() - this.#downSinceInMs;
    const patienceInMs = Math.min(timeoutInMs, PATIENCE_IN_MS - downForInMs);
    if (this.#live === undefined && patienceInMs > 0 && !this.#end.signal.aborted) {
      await this.#waitUntilLive(patienceInMs, abortSignal);
    }
    if (this.#live === undefined) {
      throw new BusUnavailableError("The bus cannot be reached", { cause: this.#lastError });
    }
    return this.#live;
  }

  /** How long nothing came from the broker, in milliseconds; 0 while there is no live transport. */
  silentForInMs(): number {
    return this.#live?.silentForInMs() ?? 0;
  }

  /** Gives the present transport up, for a reason that only its user could see, and opens another. */
  rebuild(reason: string): void {
    this.#transport?.fail(new Error(reason));
  }

  /** Ends the connecting and the connection; bounded by two seconds. */
  async close(): Promise<void> {
    this.#end.abort();
    this.#wakeUp();
    await this.#transport?.close();
    await this.#running;
    await Promise.all(this.#closing);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(): Promise<void> {
    this.#downSinceInMs = this.#options.clock.monotonicInMs();
    return new Promise((resolve) => {
      // Keeps the process alive: whoever awaits the start of the bus shall come to the next line.
      const timer = setTimeout(resolve, START_TIMEOUT_IN_MS);
      this.#running = this.#run(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async #run(firstAttemptDone: () => void): Promise<void> {
    while (!this.#end.signal.aborted) {
      const lived = await this.#useOneTransport(firstAttemptDone);
      firstAttemptDone();
      await pause(this.#options.clock, this.#delay.next(lived), this.#end.signal);
    }
    firstAttemptDone();
  }

  /** Opens a transport and stays until it fails. Returns how long it was live, in milliseconds. */
  async #useOneTransport(opened: () => void): Promise<number> {
    const { clock } = this.#options;
    let liveSinceInMs: number | undefined;
    try {
      const transport = await Transport.create(this.#options);
      this.#transport = transport;
      if (this.#end.signal.aborted) {
        await transport.close();
      }
      await withDeadline(
        {
          clock,
          timeoutInMs: OPEN_TIMEOUT_IN_MS,
          subject: "the bus",
          abortSignals: [transport.signal],
        },
        (abortSignal) => this.#options.open(transport, abortSignal),
      );
      liveSinceInMs = clock.monotonicInMs();
      this.#becomeLive(transport);
      opened();
      throw await transport.failure;
    } catch (error) {
      this.#lastError = error instanceof Error ? error : new Error(String(error));
    }
    this.#lost(liveSinceInMs !== undefined);
    return liveSinceInMs === undefined ? 0 : clock.monotonicInMs() - liveSinceInMs;
  }

  #becomeLive(transport: Transport): void {
    this.#live = transport;
    this.#options.log.info("bus-connected");
    this.#wakeUp();
    this.#options.onLive(transport);
  }

  #lost(wasLive: boolean): void {
    const transport = this.#transport;
    this.#live = undefined;
    this.#transport = undefined;
    if (transport !== undefined) {
      const closing = transport.close().finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
    this.#report(wasLive);
    if (wasLive) {
      this.#downSinceInMs = this.#options.clock.monotonicInMs();
      this.#options.onLost();
    }
  }

  #report(wasLive: boolean): void {
    const { log } = this.#options;
    const reason = this.#lastError?.message;
    if (this.#end.signal.aborted) {
      log.debug("bus-closed");
    } else if (wasLive) {
      this.#failures = 0;
      log.warn("bus-disconnected", { reason });
    } else {
      this.#failures += 1;
      if (this.#failures % FAILURES_PER_LOG_LINE === 1) {
        log.warn("bus-connect-failed", { reason, attempts: this.#failures });
      }
    }
  }

  async #waitUntilLive(timeoutInMs: number, abortSignal?: AbortSignal): Promise<void> {
    let wakeUp = (): void => undefined;
    try {
      await withDeadline(
        {
          clock: this.#options.clock,
          timeoutInMs,
          subject: "the bus",
          abortSignals: [abortSignal],
        },
        () =>
          new Promise<void>((resolve) => {
            wakeUp = resolve;
            this.#waiting.add(wakeUp);
          }),
      );
    } catch (error) {
      this.#lastError ??= error instanceof Error ? error : undefined;
    } finally {
      this.#waiting.delete(wakeUp);
    }
  }

  #wakeUp(): void {
    for (const wakeUp of this.#waiting) {
      wakeUp();
    }
  }
}
