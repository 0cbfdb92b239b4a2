import type { AcknowledgementBody, Clock } from "@fleetquake/contract";
import { instanceKey } from "../instance-key.ts";
import { copyAcknowledgement } from "./copy-acknowledgement.ts";

/** An answer whose command this API does not know (yet). */
export interface UnclaimedAcknowledgement {
  readonly body: AcknowledgementBody;
  readonly enqueuedAtInMs: number;
}

interface Group {
  readonly startedInMs: number;
  readonly byInstance: Map<string, UnclaimedAcknowledgement>;
}

const KEPT_IN_MS = 60_000;
const MAX_KEPT = 20_000;

/** Answers that overtook the opening of their command: kept for a minute, then forgotten. */
export class UnclaimedAcknowledgements {
  readonly #clock: Clock;
  readonly #groups = new Map<string, Group>();
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  add(body: AcknowledgementBody, enqueuedAtInMs: number): void {
    const key = instanceKey(body.replica_id, body.instance_id);
    const known = this.#groups.get(body.command_id);
    if (known?.byInstance.has(key) === true) {
      return;
    }
    if (this.#size >= MAX_KEPT) {
      this.#forgetOldest(body.command_id);
    }
    const group = this.#groups.get(body.command_id) ?? this.#start(body.command_id);
    group.byInstance.set(key, { body: copyAcknowledgement(body), enqueuedAtInMs });
    this.#size += 1;
  }

  /** Hands over what was kept for a command, in the order of arrival. */
  claim(commandId: string): readonly UnclaimedAcknowledgement[] {
    const group = this.#groups.get(commandId);
    if (group === undefined) {
      return [];
    }
    this.#remove(commandId, group);
    return [...group.byInstance.values()];
  }

  prune(): void {
    const oldestInMs = this.#clock.monotonicInMs() - KEPT_IN_MS;
    for (const [commandId, group] of this.#groups) {
      if (group.startedInMs > oldestInMs) {
        return;
      }
      this.#remove(commandId, group);
    }
  }

  #start(commandId: string): Group {
    const group = { startedInMs: this.#clock.monotonicInMs(), byInstance: new Map() };
    this.#groups.set(commandId, group);
    return group;
  }

  #remove(commandId: string, group: Group): void {
    this.#groups.delete(commandId);
    this.#size -= group.byInstance.size;
  }

  /** The oldest command goes as a whole; a single command that fills everything starts anew. */
  #forgetOldest(exceptCommandId: string): void {
    for (const [commandId, group] of this.#groups) {
      if (commandId !== exceptCommandId || this.#groups.size === 1) {
        this.#remove(commandId, group);
        return;
      }
    }
  }
}
