import {
  BUS_SCHEMA_VERSION,
  type Clock,
  type CommandClosed,
  type CommandOpened,
  type LedgerCall,
  type Timer,
} from "@fleetquake/contract";
import type { Announcements } from "../dispatch/announcements.ts";
import { closedMessage } from "./closed-message.ts";
import type { Collection } from "./collection.ts";
import type { Ledger } from "./ledger.ts";
import { openedParts } from "./opened-parts.ts";

export interface LedgerCallsOptions {
  readonly ledger: Ledger;
  readonly announcements: Announcements;
  readonly clock: Clock;
  readonly issuer: string;
}

/** What was published longer ago is history; answers to it are no longer on their way. */
const RECENT_IN_MS = 300_000;
/** More commands than these are not repeated, however fast they followed one another. */
const MAX_REPEATED = 16;
/** Several APIs come back together after an outage: they are answered together. */
const ANSWER_AFTER_IN_MS = 200;

/**
 * Brings the ledgers of all API replicas into step after an outage of the bus, which may have taken announcements with it:
 * whoever is connected again asks the others for the commands that they have issued lately, and repeats its own.
 */
export class LedgerCalls {
  readonly #options: LedgerCallsOptions;
  #timer: Timer | null = null;
  #generation = 0;
  #isClosed = false;

  constructor(options: LedgerCallsOptions) {
    this.#options = options;
  }

  /** The bus is connected (again). */
  connected(): void {
    const { announcements, issuer } = this.#options;
    this.#generation += 1;
    const generation = this.#generation;
    const call: LedgerCall = { schema: BUS_SCHEMA_VERSION, type: "ledger-call", issuer };
    void announcements.send([call], () => generation === this.#generation && !this.#isClosed);
    this.#repeatSoon();
  }

  /** An API asks; its own call comes back to it. */
  receive({ issuer }: LedgerCall): void {
    if (issuer !== this.#options.issuer) {
      this.#repeatSoon();
    }
  }

  /** Calls the timer off. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #repeatSoon(): void {
    if (!this.#isClosed) {
      this.#timer ??= this.#options.clock.after(ANSWER_AFTER_IN_MS, () => {
        this.#timer = null;
        this.#repeat();
      });
    }
  }

  #repeat(): void {
    const { announcements, ledger } = this.#options;
    const messages = ledger
      .recentOwn({ ageInMs: RECENT_IN_MS, limit: MAX_REPEATED })
      .flatMap((collection) => repetition(collection));
    if (messages.length > 0) {
      void announcements.send(messages, () => !this.#isClosed);
    }
  }
}

function repetition(collection: Collection): readonly (CommandOpened | CommandClosed)[] {
  const { header, expected, closing } = collection;
  const opened = openedParts(header, expected);
  const messages = closing === null ? opened : [...opened, closedMessage(collection, closing)];
  return messages.map((message) => Object.assign(message, { is_repetition: true } as const));
}
