import type { Clock, LedgerEvent, Log, Timer } from "@fleetquake/contract";
import type { CommandBus } from "../ports/command-bus.ts";
import { settleWithin } from "../settle-within.ts";

export interface AnnouncementsOptions {
  readonly bus: CommandBus;
  readonly clock: Clock;
  readonly log: Log;
}

const MAX_ATTEMPTS = 6;
const FIRST_PAUSE_IN_MS = 200;
const TIMEOUT_IN_MS = 5_000;
/** How long a close waits for what is on its way. */
const CLOSE_TIMEOUT_IN_MS = 1_000;

/** Tells the other API replicas about this one's commands, behind the back of the way of a reset. */
export class Announcements {
  readonly #options: AnnouncementsOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #pauses = new Set<() => void>();
  #isClosed = false;

  constructor(options: AnnouncementsOptions) {
    this.#options = options;
  }

  /**
   * Publishes messages in order, each a few times until it is settled; what cannot be published is logged.
   * Resolves when that is over; never rejects.
   * @param isWanted asked before every attempt; false ends the sending
   */
  send(messages: readonly LedgerEvent[], isWanted: () => boolean = () => true): Promise<void> {
    const sent = this.#send(messages, isWanted);
    this.#underWay.add(sent);
    void sent.finally(() => this.#underWay.delete(sent));
    return sent;
  }

  /** Ends the pauses between attempts and waits, bounded, for what is on its way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const end of this.#pauses) {
      end();
    }
    if (this.#underWay.size > 0) {
      await settleWithin(this.#options.clock, Promise.all(this.#underWay), CLOSE_TIMEOUT_IN_MS);
    }
  }

  async #send(messages: readonly LedgerEvent[], isWanted: () => boolean): Promise<void> {
    for (const message of messages) {
      await this.#sendOne(message, isWanted);
    }
  }

  async #sendOne(message: LedgerEvent, isWanted: () => boolean): Promise<void> {
    const { bus, log } = this.#options;
    let pauseInMs = FIRST_PAUSE_IN_MS;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS && isWanted(); attempt += 1) {
      try {
        await bus.publishEvent(message, { timeoutInMs: TIMEOUT_IN_MS });
        return;
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || this.#isClosed) {
          const { type } = message;
          const commandId = "command_id" in message ? message.command_id : null;
          log.error("announcement-failed", { type, command_id: commandId, attempt, error });
          return;
        }
      }
      await this.#pause(pauseInMs);
      pauseInMs *= 2;
    }
  }

  #pause(spanInMs: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | null = null;
      const end = (): void => {
        timer?.cancel();
        this.#pauses.delete(end);
        resolve();
      };
      this.#pauses.add(end);
      timer = this.#options.clock.after(spanInMs, end);
    });
  }
}
