import type { BrokerTime, Clock, Log, ReplicaState, RosterState } from "@fleetquake/contract";
import { isPlausibleEpoch } from "../plausible-epoch.ts";
import { memberState } from "./member-state.ts";
import { reportOf, type Member } from "./member.ts";

export interface RosterOptions {
  readonly clock: Clock;
  readonly brokerTime: BrokerTime;
  readonly log: Log;
  /**
   * Replica ids beyond this are not taken in.
   * @default 10000
   */
  readonly maxReplicas?: number;
}

/** A member with its state at one moment. */
export interface RosterRow {
  readonly member: Member;
  readonly state: RosterState;
}

/** Instances of one id that are told apart; more of them are a mistake that is already visible. */
const MAX_INSTANCES = 4;
const DEFAULT_MAX_REPLICAS = 10_000;
/** How long a replica that has left stays visible. */
const LEFT_KEPT_IN_MS = 600_000;

/** Who is in the fleet, by what the replicas say of themselves. */
export class Roster {
  readonly #clock: Clock;
  readonly #brokerTime: BrokerTime;
  readonly #log: Log;
  readonly #maxReplicas: number;
  /** Newest instance first. */
  readonly #members = new Map<string, Member[]>();
  #deafSinceInMs: number | null;
  #lastJoinedInMs: number | null = null;
  #highestEpoch = 0;
  #overflowed = false;

  constructor(options: RosterOptions) {
    this.#clock = options.clock;
    this.#brokerTime = options.brokerTime;
    this.#log = options.log;
    this.#maxReplicas = options.maxReplicas ?? DEFAULT_MAX_REPLICAS;
    this.#deafSinceInMs = options.clock.monotonicInMs();
  }

  /**
   * Takes in what a replica says of itself.
   * @returns the member, and whether this instance was unknown or had left; null when the roster is full.
   */
  observe(
    state: ReplicaState,
    enqueuedAtInMs: number,
  ): { readonly member: Member; readonly joined: boolean } | null {
    const known = this.#find(state.replica_id, state.instance_id);
    const joined = known === undefined || this.#hasLeft(known);
    const member = known ?? this.#join(state, enqueuedAtInMs);
    if (member === null) {
      return null;
    }
    if (isPlausibleEpoch(state.highest_epoch)) {
      this.#highestEpoch = Math.max(this.#highestEpoch, state.highest_epoch);
    }
    if (enqueuedAtInMs >= member.lastHeardInMs) {
      member.report = reportOf(state);
      member.lastHeardInMs = enqueuedAtInMs;
    }
    if (joined) {
      this.#lastJoinedInMs = this.#clock.monotonicInMs();
    }
    if (member.saidByeInMs !== null && enqueuedAtInMs > member.saidByeInMs) {
      member.saidByeInMs = null;
    }
    // A backlog that is read late says what was, not what is.
    const ageInMs = Math.max(0, this.#brokerTime.nowInMs() - enqueuedAtInMs);
    const heardInMs = this.#clock.monotonicInMs() - ageInMs;
    member.heardAtMonotonicInMs = Math.max(member.heardAtMonotonicInMs, heardInMs);
    return { member, joined };
  }

  /**
   * An instance ends on purpose.
   * @returns false when it was heard after that
   */
  bye(replicaId: string, instanceId: string, enqueuedAtInMs: number): boolean {
    const member = this.#find(replicaId, instanceId);
    if (member === undefined) {
      return true;
    }
    if (enqueuedAtInMs < member.lastHeardInMs) {
      return false;
    }
    member.saidByeInMs = enqueuedAtInMs;
    return true;
  }

  /** Whether an instance said bye. */
  saidBye(replicaId: string, instanceId: string): boolean {
    return (this.#find(replicaId, instanceId)?.saidByeInMs ?? null) !== null;
  }

  /** Nothing can be heard from now on, so that silence says nothing. */
  pause(): void {
    this.#deafSinceInMs ??= this.#clock.monotonicInMs();
  }

  /** Events arrive again; silence counts from where it stood, and everybody may need a welcome again. */
  resume(): void {
    for (const member of this.#all()) {
      member.welcomedInMs = null;
    }
    if (this.#deafSinceInMs !== null) {
      this.forgive(this.#clock.monotonicInMs() - this.#deafSinceInMs);
      this.#deafSinceInMs = null;
    }
  }

  /** Takes a span in which this process could not listen off everybody's silence. */
  forgive(spanInMs: number): void {
    const nowInMs = this.#clock.monotonicInMs();
    for (const member of this.#all()) {
      member.heardAtMonotonicInMs = Math.min(nowInMs, member.heardAtMonotonicInMs + spanInMs);
    }
  }

  /** Everybody who is remembered, also those who left, with the state at this moment. */
  rows(): RosterRow[] {
    const rows: RosterRow[] = [];
    for (const instances of this.#members.values()) {
      rows.push(...this.#rowsOf(instances));
    }
    return rows;
  }

  /** The newest instance of a replica that has not left, else the newest. */
  row(replicaId: string): RosterRow | undefined {
    const rows = this.#rowsOf(this.#members.get(replicaId) ?? []);
    return rows.find((row) => row.state !== "left") ?? rows[0];
  }

  /** Whether an instance was ever taken in and is remembered. */
  hasHeard({
    replicaId,
    instanceId,
  }: {
    readonly replicaId: string;
    readonly instanceId: string;
  }): boolean {
    return this.#find(replicaId, instanceId) !== undefined;
  }

  /** The highest epoch that any replica reported. */
  get highestEpoch(): number {
    return this.#highestEpoch;
  }

  /** When an instance was last taken in (again), by the monotonic clock. */
  get lastJoinedInMs(): number | null {
    return this.#lastJoinedInMs;
  }

  /** How many instances are active or stale. */
  aliveCount(): number {
    return this.rows().filter((row) => row.state !== "left").length;
  }

  /** Forgets those who left long ago. */
  prune(): void {
    const nowInMs = this.#listeningUntil();
    this.#forgetLeft((member) => nowInMs - member.heardAtMonotonicInMs >= LEFT_KEPT_IN_MS);
  }

  #find(replicaId: string, instanceId: string): Member | undefined {
    return this.#members.get(replicaId)?.find((member) => member.instanceId === instanceId);
  }

  #hasLeft(member: Member): boolean {
    return memberState(member, this.#listeningUntil() - member.heardAtMonotonicInMs) === "left";
  }

  #join(state: ReplicaState, enqueuedAtInMs: number): Member | null {
    const others = this.#members.get(state.replica_id);
    if (others === undefined && !this.#hasRoom()) {
      return null;
    }
    const member: Member = {
      replicaId: state.replica_id,
      instanceId: state.instance_id,
      report: reportOf(state),
      firstHeardInMs: enqueuedAtInMs,
      lastHeardInMs: enqueuedAtInMs,
      heardAtMonotonicInMs: Number.NEGATIVE_INFINITY,
      saidByeInMs: null,
      supersededInMs: null,
      welcomedInMs: null,
    };
    for (const other of others ?? []) {
      other.supersededInMs = Math.max(other.supersededInMs ?? 0, enqueuedAtInMs);
    }
    this.#members.set(state.replica_id, [member, ...(others ?? [])].slice(0, MAX_INSTANCES));
    return member;
  }

  #hasRoom(): boolean {
    if (this.#members.size < this.#maxReplicas) {
      return true;
    }
    this.#forgetLeft(() => true);
    if (this.#members.size < this.#maxReplicas) {
      return true;
    }
    if (!this.#overflowed) {
      this.#overflowed = true;
      this.#log.warn("roster-overflowed", { max_replicas: this.#maxReplicas });
    }
    return false;
  }

  #forgetLeft(isForgotten: (member: Member) => boolean): void {
    for (const [replicaId, instances] of this.#members) {
      const kept = this.#rowsOf(instances)
        .filter((row) => row.state !== "left" || !isForgotten(row.member))
        .map((row) => row.member);
      if (kept.length === 0) {
        this.#members.delete(replicaId);
      } else if (kept.length < instances.length) {
        this.#members.set(replicaId, kept);
      }
    }
  }

  /** A stale instance beside an active one of the same id was replaced: its silence means that it ended. */
  #rowsOf(instances: readonly Member[]): RosterRow[] {
    const nowInMs = this.#listeningUntil();
    const rows = instances.map((member) => ({
      member,
      state: memberState(member, nowInMs - member.heardAtMonotonicInMs),
    }));
    const isOneActive = rows.some((row) => row.state === "active");
    return rows.map((row) =>
      isOneActive && row.state === "stale" ? { member: row.member, state: "left" } : row,
    );
  }

  #listeningUntil(): number {
    return this.#deafSinceInMs ?? this.#clock.monotonicInMs();
  }

  *#all(): Generator<Member> {
    for (const instances of this.#members.values()) {
      yield* instances;
    }
  }
}
