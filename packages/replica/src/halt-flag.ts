/** Whether a fleet is halted, as far as one replica has heard. */
export interface HaltMemory {
  readonly isHalted: boolean;
  /** Of the halt or release that was applied last; commands below it are old. */
  readonly epoch: number;
}

/** The flag that a halt sets and a release takes down, in the order of their epochs. */
export class HaltFlag {
  #isHalted: boolean;
  #epoch: number;

  constructor(memory: HaltMemory = { isHalted: false, epoch: 0 }) {
    this.#isHalted = memory.isHalted;
    this.#epoch = memory.epoch;
  }

  get isHalted(): boolean {
    return this.#isHalted;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /**
   * A halt always holds, also one by an API that knows only old epochs: stopping must never fail.
   * @param highestEpoch the highest that the replica has seen of any command
   */
  halt(epoch: number, highestEpoch: number): void {
    this.#isHalted = true;
    this.#epoch = Math.max(this.#epoch, epoch, highestEpoch);
  }

  /** @returns false when a halt of this epoch or a newer one stands: this release was meant for an older one. */
  release(epoch: number): boolean {
    if (epoch < this.#epoch || (epoch === this.#epoch && this.#isHalted)) {
      return false;
    }
    this.#isHalted = false;
    this.#epoch = epoch;
    return true;
  }

  /** Takes over what an API remembers, where that is newer; said to replicas that came after it. */
  learn(epoch: number, isHalted: boolean): void {
    if (epoch > this.#epoch || (epoch === this.#epoch && isHalted)) {
      this.#isHalted = isHalted;
      this.#epoch = epoch;
    }
  }

  memory(): HaltMemory {
    return { isHalted: this.#isHalted, epoch: this.#epoch };
  }
}
