import { isPlausibleEpoch } from "./plausible-epoch.ts";
import type { FaultRecord } from "./ports/fleet-lock.ts";

/** What the fleet's last accepted commands still forbid; null members forbid nothing. */
export interface Standing {
  /** The command whose answers are still collected. */
  readonly collecting: FaultRecord | null;
  /** The command whose cool-down ends last. */
  readonly coolingDown: FaultRecord | null;
}

const MAX_RECORDS = 16;
const MAX_VOID = 256;

/**
 * The accepted commands of one fault that this API knows of: its own, those read under the lock, and those that other
 * APIs announced. The strictest of them counts, since a restarted broker has forgotten the record.
 */
export class CoolDown {
  readonly #records = new Map<string, FaultRecord>();
  readonly #void = new Set<string>();
  #highestEpoch = 0;

  /** Takes a command in; what a void command reserved counts for nothing. */
  observe(record: FaultRecord): void {
    if (isPlausibleEpoch(record.epoch)) {
      this.#highestEpoch = Math.max(this.#highestEpoch, record.epoch);
    }
    if (this.#void.has(record.commandId)) {
      return;
    }
    const known = this.#records.get(record.commandId);
    this.#records.delete(record.commandId);
    this.#records.set(record.commandId, known === undefined ? record : stricter(known, record));
    dropOldest(this.#records, MAX_RECORDS);
  }

  /** The command was certainly not published: it consumes nothing, whatever the record says. */
  voidCommand(commandId: string): void {
    this.#records.delete(commandId);
    this.#void.add(commandId);
    dropOldest(this.#void, MAX_VOID);
  }

  isVoid(commandId: string): boolean {
    return this.#void.has(commandId);
  }

  /** The highest epoch of any command seen here. */
  get highestEpoch(): number {
    return this.#highestEpoch;
  }

  /**
   * What stands at a moment of broker time.
   * @param isClosed whether the ledger knows that a command's collection is over
   */
  standing(nowInMs: number, isClosed: (commandId: string) => boolean): Standing {
    let collecting: FaultRecord | null = null;
    let coolingDown: FaultRecord | null = null;
    for (const record of this.#records.values()) {
      if (record.collectingUntilInMs > nowInMs && !isClosed(record.commandId)) {
        collecting = record;
      }
      if (record.coolDownUntilInMs > Math.max(nowInMs, coolingDown?.coolDownUntilInMs ?? 0)) {
        coolingDown = record;
      }
    }
    return { collecting, coolingDown };
  }
}

function stricter(first: FaultRecord, second: FaultRecord): FaultRecord {
  return {
    ...first,
    collectingUntilInMs: Math.max(first.collectingUntilInMs, second.collectingUntilInMs),
    coolDownUntilInMs: Math.max(first.coolDownUntilInMs, second.coolDownUntilInMs),
  };
}

function dropOldest(kept: Map<string, unknown> | Set<string>, max: number): void {
  const [oldest] = kept.keys();
  if (kept.size > max && oldest !== undefined) {
    kept.delete(oldest);
  }
}
