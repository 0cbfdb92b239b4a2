import type { AcknowledgementBody, ExpectedReplica, RecoveryBody } from "@fleetquake/contract";
import { instanceKey } from "../instance-key.ts";
import type { CollectionHeader } from "./collection-header.ts";
import { copyAcknowledgement } from "./copy-acknowledgement.ts";
import { copyRecovery } from "./copy-recovery.ts";
import { saySame, type LedgerRow } from "./ledger-row.ts";

/** How a collection ended. */
export interface Closing {
  /** Broker time, ms since 1970. */
  readonly closedAtInMs: number;
  readonly durationInMs: number;
}

/** Newcomers beyond this many are not kept, whoever sends them. */
const MAX_JOINED_LATE = 2_000;

/** The answers to one command: collected while it is open, amended after it was closed. */
export class Collection {
  readonly header: CollectionHeader;
  published: "yes" | "unknown" | "no" = "yes";
  readonly #rows = new Map<string, LedgerRow>();
  readonly #whenClosed: Promise<void>;
  #settleClosed: () => void = () => undefined;
  #closing: Closing | null = null;
  #pending: number;
  #joinedLate = 0;
  /** Whose answers had come when the API that issued the command closed it, by its own word. */
  #answeredInTime: ReadonlySet<string> | null = null;

  constructor(header: CollectionHeader, expected: readonly ExpectedReplica[]) {
    this.header = header;
    this.#whenClosed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    const instances = new Map<string, number>();
    for (const { replica_id: replicaId } of expected) {
      instances.set(replicaId, (instances.get(replicaId) ?? 0) + 1);
    }
    for (const replica of expected) {
      const isDuplicate = (instances.get(replica.replica_id) ?? 0) > 1;
      this.#rows.set(instanceKey(replica.replica_id, replica.instance_id), {
        ...newRow(replica),
        isExpected: true,
        isDuplicate,
      });
    }
    this.#pending = this.#rows.size;
  }

  /** The expected replicas in the order of the expected set, then the newcomers. */
  get rows(): readonly LedgerRow[] {
    return [...this.#rows.values()];
  }

  /** Whom the command counts on. */
  get expected(): readonly ExpectedReplica[] {
    return this.rows
      .filter((row) => row.isExpected)
      .map((row) => ({
        replica_id: row.replicaId,
        instance_id: row.instanceId,
        role: row.role,
      }));
  }

  /** The instances whose answers were in when the collection closed. */
  get answeredInTime(): readonly string[] {
    return this.rows.filter(({ answer }) => answer?.isLate === false).map((row) => row.instanceId);
  }

  get rowCount(): number {
    return this.#rows.size;
  }

  /** Null while answers are collected. */
  get closing(): Closing | null {
    return this.#closing;
  }

  /** Resolves once the collection was closed; never rejects. */
  get whenClosed(): Promise<void> {
    return this.#whenClosed;
  }

  /** Nobody is waited for any more. */
  get isAnswered(): boolean {
    return this.#pending === 0;
  }

  /** Somebody answered: the command certainly went out. */
  get hasAnswers(): boolean {
    return [...this.#rows.values()].some((row) => row.answer !== null);
  }

  /** Everybody who was expected has answered otherwise or left: nobody does what was asked for. */
  get isIdle(): boolean {
    return [...this.#rows.values()].every(({ answer, hasLeft }) =>
      answer === null ? hasLeft : answer.body.state !== "acknowledged",
    );
  }

  /** Takes an answer in; a repetition changes nothing, a different second answer flags the row. */
  acknowledge(body: AcknowledgementBody, enqueuedAtInMs: number): void {
    const row = this.#row(body) ?? this.#join(body);
    if (row === null) {
      return;
    }
    if (row.answer !== null) {
      row.isConflicting ||= !saySame(row.answer.body, body);
      return;
    }
    const isClosed = this.#closing !== null;
    if (row.isExpected && !row.hasLeft && !isClosed) {
      this.#pending -= 1;
    }
    // What this API missed comes again with a heartbeat, after the command was closed.
    const isLate = isClosed && this.#answeredInTime?.has(body.instance_id) !== true;
    row.answer = { body: copyAcknowledgement(body), enqueuedAtInMs, isLate };
  }

  /** An instance said bye: while answers are collected, it is not waited for any more. */
  leave(replicaId: string, instanceId: string): void {
    const row = this.#rows.get(instanceKey(replicaId, instanceId));
    if (row?.isExpected === true && !row.hasLeft && row.answer === null && this.#closing === null) {
      row.hasLeft = true;
      this.#pending -= 1;
    }
  }

  /** Takes a report of how a replica came back in; an older one than known changes nothing. */
  recover(body: RecoveryBody): void {
    const row = this.#row(body);
    if (row !== undefined && body.observed_ms >= (row.recovery?.observed_ms ?? 0)) {
      row.recovery = copyRecovery(body);
    }
  }

  /** Ends the collection once; whoever has not answered is silent from now on. */
  close(closing: Closing): void {
    if (this.#closing === null) {
      this.#closing = closing;
      this.#settleClosed();
    }
  }

  /**
   * The API that issued the command says when it closed: its figures hold everywhere, also for who was late.
   * Whatever it had heard by then carries a stamp of at most that moment.
   * @param answered the instances that it had heard by then, where it says so
   */
  restate(closing: Closing, answered?: readonly string[]): void {
    this.#closing = closing;
    this.#answeredInTime = answered === undefined ? null : new Set(answered);
    for (const row of this.#rows.values()) {
      if (row.answer !== null) {
        const isLate =
          this.#answeredInTime === null
            ? row.answer.enqueuedAtInMs > closing.closedAtInMs
            : !this.#answeredInTime.has(row.instanceId);
        row.answer = { ...row.answer, isLate };
      }
    }
    this.#settleClosed();
  }

  #row(body: { readonly replica_id: string; readonly instance_id: string }): LedgerRow | undefined {
    return this.#rows.get(instanceKey(body.replica_id, body.instance_id));
  }

  #join(body: AcknowledgementBody): LedgerRow | null {
    if (this.#joinedLate >= MAX_JOINED_LATE) {
      return null;
    }
    this.#joinedLate += 1;
    const row = newRow(body);
    this.#rows.set(instanceKey(body.replica_id, body.instance_id), row);
    return row;
  }
}

function newRow(replica: ExpectedReplica): LedgerRow {
  return {
    replicaId: replica.replica_id,
    instanceId: replica.instance_id,
    role: replica.role,
    isExpected: false,
    isDuplicate: false,
    answer: null,
    hasLeft: false,
    isConflicting: false,
    recovery: null,
  };
}
