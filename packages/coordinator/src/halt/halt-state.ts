import { isPlausibleEpoch } from "../plausible-epoch.ts";
import type { HaltRecord } from "../records/halt-record.ts";

const MAX_RECORDS = 16;
const MAX_VOID = 64;

/** Whether the fleet is halted, as far as this API knows: the halt or release of the highest epoch counts. */
export class HaltState {
  readonly #records = new Map<string, HaltRecord>();
  readonly #void = new Set<string>();
  #hearsay: HaltRecord | null = null;

  /** Takes in a halt or a release, whoever gave it; of the same epoch the halt wins. */
  observe(record: HaltRecord): void {
    const known = this.#records.get(record.commandId);
    const isOld = known !== undefined && known.epoch >= record.epoch;
    if (isOld || this.#void.has(record.commandId) || !isPlausibleEpoch(record.epoch)) {
      return;
    }
    this.#records.set(record.commandId, record);
    const oldest = [...this.#records.values()].toSorted(byWeight).at(-1);
    if (this.#records.size > MAX_RECORDS && oldest !== undefined) {
      this.#records.delete(oldest.commandId);
    }
  }

  /**
   * A replica says that it is halted, and nobody knows by whom. Counts until the halt itself is heard of, or a release
   * that is not older.
   */
  observeHearsay(record: HaltRecord): void {
    this.#hearsay = record;
  }

  /**
   * A release was certainly not published: what it released is still halted.
   * A halt that was not published counts all the same, since whoever gave it wants nothing to happen.
   */
  voidRelease(commandId: string): void {
    if (this.#records.get(commandId)?.isHalted === true) {
      return;
    }
    this.#records.delete(commandId);
    this.#void.add(commandId);
    const [oldest] = this.#void;
    if (this.#void.size > MAX_VOID && oldest !== undefined) {
      this.#void.delete(oldest);
    }
  }

  /** The halt that stands; null: none. */
  get standing(): HaltRecord | null {
    const { latest } = this;
    return latest?.isHalted === true ? latest : null;
  }

  /** The halt that stands, if this API knows who gave it. */
  get witnessed(): HaltRecord | null {
    const { standing } = this;
    return standing?.commandId === this.#hearsay?.commandId ? null : standing;
  }

  get isHalted(): boolean {
    return this.standing !== null;
  }

  /** The latest halt or release; null: none is known. */
  get latest(): HaltRecord | null {
    const [known] = [...this.#records.values()].toSorted(byWeight);
    const hearsay = this.#hearsay;
    if (known === undefined || hearsay === null) {
      return known ?? hearsay;
    }
    if (known.isHalted) {
      return { ...known, epoch: Math.max(known.epoch, hearsay.epoch) };
    }
    return known.epoch >= hearsay.epoch ? known : hearsay;
  }
}

/** The one that counts first. */
function byWeight(first: HaltRecord, second: HaltRecord): number {
  return second.epoch - first.epoch || Number(second.isHalted) - Number(first.isHalted);
}
