/** The highest epoch that a replica has seen of each fault. */
export class Epochs {
  readonly #highest: Map<string, number>;

  constructor(memory: Readonly<Record<string, number>> = {}) {
    this.#highest = new Map(Object.entries(memory));
  }

  /** Takes a command's epoch in and tells the highest of its fault before it. */
  observe(fault: string, epoch: number): number {
    const previous = this.#highest.get(fault) ?? 0;
    this.#highest.set(fault, Math.max(previous, epoch));
    return previous;
  }

  /** The highest of all; 0 when nothing was seen. */
  get highest(): number {
    return Math.max(0, ...this.#highest.values());
  }

  memory(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#highest);
  }
}
