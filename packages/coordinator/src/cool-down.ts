import { isPlausibleEpoch } from "./plausible-epoch.ts";
import type { FaultRecord } from "./records/fault-record.ts";

/** What the fleet's last accepted commands still forbid; null members forbid nothing. */
export interface Standing {
  /** The command whose answers are still collected. */
  readonly collecting: FaultRecord | null;
  /** The command whose cool-down ends last. */
  readonly coolingDown: FaultRecord | null;
  /** The command whose fault still lasts, as far as is known. */
  readonly active: FaultRecord | null;
}

/** What the ledger knows of a command. */
export interface CommandKnowledge {
  /** Its collection is over. */
  readonly isClosed: (commandId: string) => boolean;
  /** Nobody is under its fault: everybody answered, and nobody did it. */
  readonly isIdle: (commandId: string) => boolean;
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
  observe(observed: FaultRecord): void {
    // An epoch that somebody made up is below all others: it neither ends a fault nor keeps one from being ended.
    const record = isPlausibleEpoch(observed.epoch) ? observed : { ...observed, epoch: 0 };
    this.#highestEpoch = Math.max(this.#highestEpoch, record.epoch);
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
   * @param endedEpoch commands below it were ended by a recovery or a halt that stands elsewhere
   */
  standing(nowInMs: number, knowledge: CommandKnowledge, endedEpoch = 0): Standing {
    const endedBelow = Math.max(endedEpoch, this.latestEpoch("recover"));
    let collecting: FaultRecord | null = null;
    let coolingDown: FaultRecord | null = null;
    let active: FaultRecord | null = null;
    for (const record of this.#records.values()) {
      if (record.action === "recover") {
        continue;
      }
      if (record.collectingUntilInMs > nowInMs && !knowledge.isClosed(record.commandId)) {
        collecting = record;
      }
      if (record.coolDownUntilInMs > Math.max(nowInMs, coolingDown?.coolDownUntilInMs ?? 0)) {
        coolingDown = record;
      }
      const isOver = record.epoch < endedBelow || knowledge.isIdle(record.commandId);
      if (!isOver && record.activeUntilInMs > Math.max(nowInMs, active?.activeUntilInMs ?? 0)) {
        active = record;
      }
    }
    return { collecting, coolingDown, active };
  }

  /** The epoch of the latest command with an action; 0 when there was none. */
  latestEpoch(action: FaultRecord["action"]): number {
    const epochs = [...this.#records.values()]
      .filter((record) => record.action === action)
      .map(({ epoch }) => epoch);
    return Math.max(0, ...epochs);
  }
}

function stricter(first: FaultRecord, second: FaultRecord): FaultRecord {
  return {
    ...first,
    collectingUntilInMs: Math.max(first.collectingUntilInMs, second.collectingUntilInMs),
    coolDownUntilInMs: Math.max(first.coolDownUntilInMs, second.coolDownUntilInMs),
    activeUntilInMs: Math.max(first.activeUntilInMs, second.activeUntilInMs),
  };
}

function dropOldest(kept: Map<string, unknown> | Set<string>, max: number): void {
  const [oldest] = kept.keys();
  if (kept.size > max && oldest !== undefined) {
    kept.delete(oldest);
  }
}
