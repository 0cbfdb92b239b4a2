import {
  BUS_SCHEMA_VERSION,
  type BrokerTime,
  type Clock,
  type CommandClosed,
  type ExpectedReplica,
  type Log,
} from "@fleetquake/contract";
import type { InjectResult } from "../inject-request.ts";
import { buildEntry } from "../ledger/build-entry.ts";
import type { Collection } from "../ledger/collection.ts";
import { closedMessage } from "../ledger/closed-message.ts";
import type { CollectionHeader } from "../ledger/collection-header.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openedParts } from "../ledger/opened-parts.ts";
import { BusUnavailableError, type CommandBus } from "../ports/command-bus.ts";
import type { Standings } from "../standings.ts";
import { timestampOf } from "../timestamp-of.ts";
import type { Announcements } from "./announcements.ts";
import { commandMessage } from "./plan-command.ts";

export interface PublicationOptions {
  readonly bus: CommandBus;
  readonly ledger: Ledger;
  readonly standings: Standings;
  readonly clock: Clock;
  readonly announcements: Announcements;
  readonly brokerTime: BrokerTime;
  readonly log: Log;
  /** Fires at shutdown: from then on nothing is announced. */
  readonly ending: AbortSignal;
}

const PUBLISH_TIMEOUT_IN_MS = 5_000;

/** Puts a command on the bus, opens its ledger entry here and in the other APIs, and tells them how it ended. */
export class Publication {
  readonly #options: PublicationOptions;

  constructor(options: PublicationOptions) {
    this.#options = options;
  }

  /**
   * Publishes a command whose record is written.
   * @returns null when certainly nothing went out; the command is void then, here and for the other APIs.
   */
  async publish(
    header: CollectionHeader,
    expected: readonly ExpectedReplica[],
  ): Promise<Extract<InjectResult, { kind: "accepted" }> | null> {
    const { announcements, ledger } = this.#options;
    const collection = ledger.open(header, expected, { isOwn: true });
    const publishing = this.#publishCommand(header, collection);
    // Answers prove that it went out, and nobody waits longer than the deadline, whatever becomes of the broker's receipt.
    const collected = collection.whenClosed.then(() => (collection.hasAnswers ? "yes" : "unknown"));
    const opened = announcements.send(
      openedParts(header, expected),
      () => collection.published !== "no",
    );
    const published = await Promise.race([publishing, collected]);
    if (published === "no") {
      this.voidCommand(header, opened);
      return null;
    }
    collection.published = published;
    return this.#accept(collection, opened);
  }

  /** Takes a command back that certainly was not published, here and in the other APIs, which may have heard of it. */
  voidCommand(
    command: { readonly commandId: string; readonly issuer: string },
    opened: Promise<void> = Promise.resolve(),
  ): void {
    const { standings, ledger, brokerTime } = this.#options;
    standings.voidCommand(command.commandId);
    ledger.voidCommand(command.commandId);
    void this.#sendClosed(opened, {
      schema: BUS_SCHEMA_VERSION,
      type: "command-closed",
      command_id: command.commandId,
      issuer: command.issuer,
      closed_at: timestampOf(brokerTime.nowInMs()),
      duration_ms: 0,
      published: "no",
    });
  }

  #accept(
    collection: Collection,
    opened: Promise<void>,
  ): Extract<InjectResult, { kind: "accepted" }> {
    const { header, published, rowCount } = collection;
    const { commandId, order, epoch } = header;
    const { fault, action } = order;
    const fields = { command_id: commandId, fault, action, epoch, expected: rowCount, published };
    this.#options.log.info("command-published", fields);
    void this.#announceClosed(collection, opened);
    return {
      kind: "accepted",
      commandId,
      closed: collection.whenClosed.then(() => buildEntry(collection)),
    };
  }

  async #publishCommand(
    header: CollectionHeader,
    collection: Collection,
  ): Promise<"yes" | "unknown" | "no"> {
    const { bus, log } = this.#options;
    try {
      return await bus.publishCommand(commandMessage(header), {
        timeoutInMs: PUBLISH_TIMEOUT_IN_MS,
        ...(header.trace !== undefined && { trace: header.trace }),
      });
    } catch (error) {
      const { commandId } = header;
      log.error("command-publish-failed", { command_id: commandId, error });
      // Only this error says that nothing went out, and an answer proves the contrary.
      return error instanceof BusUnavailableError && !collection.hasAnswers ? "no" : "unknown";
    }
  }

  /** At shutdown nothing is announced: the other APIs go on collecting until the deadline. */
  async #announceClosed(collection: Collection, opened: Promise<void>): Promise<void> {
    await collection.whenClosed;
    const { closing } = collection;
    if (closing !== null && !this.#options.ending.aborted) {
      await this.#sendClosed(opened, closedMessage(collection, closing));
    }
  }

  async #sendClosed(opened: Promise<void>, closed: CommandClosed): Promise<void> {
    await opened;
    await this.#options.announcements.send([closed]);
  }
}
