import { roundSpan, type Clock, type RecoveryBody, type Timer } from "@fleetquake/contract";
import type { ConnectionSet } from "./ports/connection-set.ts";

/** Connections come back within a second or not soon: look often at first, rarely later. */
const OFTEN_IN_MS = 100;
const RARELY_IN_MS = 1_000;
const LOOKS_OFTEN_FOR_IN_MS = 10_000;
const WATCHES_FOR_IN_MS = 60_000;
const REPORTS_LATER_BY_IN_MS = 1_000;

export interface RecoveryWatchOptions {
  readonly clock: Clock;
  readonly connections: ConnectionSet;
  readonly replicaId: string;
  readonly instanceId: string;
  /** Sends a report; must not reject. At most two for each command: all connections back, and the end. */
  readonly report: (body: RecoveryBody) => Promise<unknown>;
}

/**
 * Watches how a process comes back after a close: until connections, a command and a unit of work have succeeded, or for a
 * minute. One close is watched at a time; the next one ends the watch with what was seen.
 */
export class RecoveryWatch {
  readonly #options: RecoveryWatchOptions;
  #commandId: string | undefined;
  #sinceInMs = 0;
  #hasReportedAllBack = false;
  #last: RecoveryBody | null = null;
  #timer: Timer | undefined;
  readonly #lateReports = new Set<Timer>();

  constructor(options: RecoveryWatchOptions) {
    this.#options = options;
  }

  /** The newest observation, also of a watch that is over; null when nothing was ever watched. */
  current(): RecoveryBody | null {
    if (this.#commandId !== undefined) {
      this.#look(false);
    }
    return this.#last;
  }

  /** Watches the close that has just been done for a command. */
  begin(commandId: string): void {
    this.#commandId = commandId;
    this.#sinceInMs = this.#options.clock.monotonicInMs();
    this.#hasReportedAllBack = false;
    this.#arm();
  }

  /**
   * Ends the watch; to be called before the next close, which resets the observation. What it saw is reported a moment
   * later: a whole fleet's reports would stand in the way of its answers to the new command.
   */
  finish(): void {
    if (this.#commandId === undefined) {
      return;
    }
    const seen = this.#look(true);
    this.stop();
    if (seen !== null) {
      const timer = this.#options.clock.after(REPORTS_LATER_BY_IN_MS, () => {
        this.#lateReports.delete(timer);
        void this.#options.report(seen);
      });
      this.#lateReports.add(timer);
    }
  }

  /** Ends everything without a word. */
  close(): void {
    this.stop();
    for (const timer of this.#lateReports) {
      timer.cancel();
    }
    this.#lateReports.clear();
  }

  /** Ends the watch without a word. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#commandId = undefined;
  }

  #arm(): void {
    const span = this.#observedInMs() < LOOKS_OFTEN_FOR_IN_MS ? OFTEN_IN_MS : RARELY_IN_MS;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(span, () => this.#poll());
  }

  #poll(): void {
    const seen = this.#look(false);
    if (this.#observedInMs() >= WATCHES_FOR_IN_MS || (seen !== null && isBack(seen))) {
      this.#end();
      return;
    }
    if (seen !== null && seen.all_back_ms !== null && !this.#hasReportedAllBack) {
      this.#hasReportedAllBack = true;
      void this.#options.report(seen);
    }
    this.#arm();
  }

  #end(): void {
    const seen = this.#look(true);
    this.stop();
    if (seen !== null) {
      void this.#options.report(seen);
    }
  }

  #look(isFinished: boolean): RecoveryBody | null {
    const seen = this.#options.connections.recovery();
    if (seen === null || this.#commandId === undefined) {
      return null;
    }
    this.#last = {
      command_id: this.#commandId,
      replica_id: this.#options.replicaId,
      instance_id: this.#options.instanceId,
      connections_expected: seen.connectionsExpected,
      connections_back: seen.connectionsBack,
      socket_recovered_ms: rounded(seen.socketRecoveredInMs),
      all_back_ms: rounded(seen.allBackInMs),
      command_recovered_ms: rounded(seen.commandRecoveredInMs),
      work_recovered_ms: rounded(seen.workRecoveredInMs),
      reconnect_attempts: seen.reconnectAttempts,
      errors_seen: seen.errorsSeen,
      finished: isFinished,
      observed_ms: roundSpan(this.#observedInMs()),
    };
    return this.#last;
  }

  #observedInMs(): number {
    return this.#options.clock.monotonicInMs() - this.#sinceInMs;
  }
}

function rounded(spanInMs: number | null): number | null {
  return spanInMs === null ? null : roundSpan(spanInMs);
}

function isBack(seen: RecoveryBody): boolean {
  return (
    seen.all_back_ms !== null &&
    seen.command_recovered_ms !== null &&
    seen.work_recovered_ms !== null
  );
}
