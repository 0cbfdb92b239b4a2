import {
  roundSpan,
  type AcknowledgementBody,
  type BrokerTime,
  type Clock,
  type CommandClosed,
  type ExpectedReplica,
  type RecoveryBody,
  type Timer,
} from "@fleetquake/contract";
import { Collection } from "./collection.ts";
import type { CollectionHeader } from "./collection-header.ts";
import { UnclaimedAcknowledgements } from "./unclaimed-acknowledgements.ts";

export interface LedgerOptions {
  readonly clock: Clock;
  readonly brokerTime: BrokerTime;
  /** Whether an instance has said bye, perhaps before this API heard of the command. */
  readonly hasLeft: (replicaId: string, instanceId: string) => boolean;
  /**
   * Commands beyond this many push the oldest out.
   * @default 1000
   */
  readonly maxCommands?: number;
  /**
   * Rows of all commands beyond this many push the oldest out.
   * @default 200000
   */
  readonly maxRows?: number;
}

interface Held {
  readonly collection: Collection;
  readonly isOwn: boolean;
  readonly openedAtMonotonicInMs: number;
  timer: Timer | null;
}

const DEFAULT_MAX_COMMANDS = 1_000;
const DEFAULT_MAX_ROWS = 200_000;
/** Another API's closing is waited for this long after the deadline; after that its issuer is taken for gone. */
const FOREIGN_GRACE_IN_MS = 1_000;

/** The recent commands of the fleet, this API's and the others', and what each replica answered. */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #unclaimed: UnclaimedAcknowledgements;
  /** In the order of opening. */
  readonly #held = new Map<string, Held>();
  readonly #open = new Set<Held>();

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#unclaimed = new UnclaimedAcknowledgements(options.clock);
  }

  /** Opens an entry; answers that overtook it count at once. Opening twice gives the first entry back. */
  open(
    header: CollectionHeader,
    expected: readonly ExpectedReplica[],
    { isOwn }: { readonly isOwn: boolean },
  ): Collection {
    const known = this.#held.get(header.commandId);
    if (known !== undefined) {
      return known.collection;
    }
    const { clock, hasLeft } = this.#options;
    const collection = new Collection(header, expected);
    const held: Held = {
      collection,
      isOwn,
      openedAtMonotonicInMs: clock.monotonicInMs(),
      timer: null,
    };
    this.#held.set(header.commandId, held);
    this.#open.add(held);
    this.#evict();
    for (const { body, enqueuedAtInMs } of this.#unclaimed.claim(header.commandId)) {
      collection.acknowledge(body, enqueuedAtInMs);
    }
    for (const replica of expected) {
      if (hasLeft(replica.replica_id, replica.instance_id)) {
        collection.leave(replica.replica_id, replica.instance_id);
      }
    }
    this.#armDeadline(held);
    this.#closeIfAnswered(held);
    return collection;
  }

  acknowledge(body: AcknowledgementBody, enqueuedAtInMs: number): void {
    const held = this.#held.get(body.command_id);
    if (held === undefined) {
      this.#unclaimed.add(body, enqueuedAtInMs);
      return;
    }
    held.collection.acknowledge(body, enqueuedAtInMs);
    this.#closeIfAnswered(held);
  }

  recover(body: RecoveryBody): void {
    this.#held.get(body.command_id)?.collection.recover(body);
  }

  leave(replicaId: string, instanceId: string): void {
    for (const held of this.#open) {
      held.collection.leave(replicaId, instanceId);
      this.#closeIfAnswered(held);
    }
  }

  /** The API that issued a command says that its collection is over; nobody else can. */
  observeClosed(closed: CommandClosed): void {
    const held = this.#held.get(closed.command_id);
    const closedAtInMs = Date.parse(closed.closed_at);
    if (
      held === undefined ||
      held.isOwn ||
      closed.issuer !== held.collection.header.issuer ||
      Number.isNaN(closedAtInMs)
    ) {
      return;
    }
    // An answer proves that it went out, whatever its issuer thinks.
    const isRefuted = closed.published === "no" && held.collection.hasAnswers;
    held.collection.published = isRefuted ? "unknown" : closed.published;
    const closing = { closedAtInMs, durationInMs: closed.duration_ms };
    held.collection.restate(closing, closed.answered);
    this.#settle(held);
  }

  /** The command was certainly not published: its entry is closed and not listed. */
  voidCommand(commandId: string): void {
    const held = this.#held.get(commandId);
    if (held !== undefined) {
      held.collection.published = "no";
      this.#close(held);
    }
  }

  /** At shutdown: this API's open collections end with what is known; the other APIs go on collecting. */
  closeOwn(): void {
    for (const held of this.#open) {
      if (held.isOwn) {
        this.#close(held);
      }
    }
  }

  /** Whether this API issued a command. */
  isOwn(commandId: string): boolean {
    return this.#held.get(commandId)?.isOwn === true;
  }

  collection(commandId: string): Collection | undefined {
    return this.#held.get(commandId)?.collection;
  }

  /** Newest first, without commands that certainly never went out. */
  recent(): Collection[] {
    return [...this.#held.values()]
      .map((held) => held.collection)
      .filter((collection) => collection.published !== "no")
      .toReversed();
  }

  /** This API's own commands that are not older than a span, the newest few of them, in the order of their opening. */
  recentOwn({
    ageInMs,
    limit,
  }: {
    readonly ageInMs: number;
    readonly limit: number;
  }): Collection[] {
    const sinceInMs = this.#options.clock.monotonicInMs() - ageInMs;
    return [...this.#held.values()]
      .filter(
        ({ collection, isOwn, openedAtMonotonicInMs }) =>
          isOwn && openedAtMonotonicInMs >= sinceInMs && collection.published !== "no",
      )
      .slice(-limit)
      .map(({ collection }) => collection);
  }

  /** Whether this API knows that a command's collection is over. */
  isClosed(commandId: string): boolean {
    return (this.#held.get(commandId)?.collection.closing ?? null) !== null;
  }

  /** Forgets answers that nobody claimed. */
  prune(): void {
    this.#unclaimed.prune();
  }

  /** Calls every timer off. */
  close(): void {
    for (const held of this.#open) {
      held.timer?.cancel();
    }
  }

  /** Whether a command's collection is over and nobody is under its fault: all answered, and none did it. */
  isIdle(commandId: string): boolean {
    const collection = this.#held.get(commandId)?.collection;
    return collection !== undefined && collection.closing !== null && collection.isIdle;
  }

  #armDeadline(held: Held): void {
    const { clock, brokerTime } = this.#options;
    const leftInMs = held.collection.header.deadlineAtInMs - brokerTime.nowInMs();
    const graceInMs = held.isOwn ? 0 : FOREIGN_GRACE_IN_MS;
    held.timer = clock.after(Math.max(0, leftInMs + graceInMs), () => this.#close(held));
  }

  #closeIfAnswered(held: Held): void {
    if (held.collection.isAnswered) {
      this.#close(held);
    }
  }

  #close(held: Held): void {
    const { clock, brokerTime } = this.#options;
    const closedAtInMs = brokerTime.nowInMs();
    const spanInMs = held.isOwn
      ? clock.monotonicInMs() - held.openedAtMonotonicInMs
      : closedAtInMs - held.collection.header.openedAtInMs;
    held.collection.close({
      closedAtInMs,
      durationInMs: roundSpan(Math.max(0, spanInMs)),
    });
    this.#settle(held);
  }

  #settle(held: Held): void {
    held.timer?.cancel();
    this.#open.delete(held);
  }

  #evict(): void {
    const { maxCommands = DEFAULT_MAX_COMMANDS, maxRows = DEFAULT_MAX_ROWS } = this.#options;
    let rows = 0;
    for (const held of this.#held.values()) {
      rows += held.collection.rowCount;
    }
    for (const [commandId, held] of this.#held) {
      if (this.#held.size <= 1 || (this.#held.size <= maxCommands && rows <= maxRows)) {
        return;
      }
      rows -= held.collection.rowCount;
      this.#held.delete(commandId);
      this.#close(held);
    }
  }
}
