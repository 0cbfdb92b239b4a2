/** Numbers that only look random: the same seed gives the same ones, on every machine. */
export class Random {
  #state: number;

  /** @param seed any whole number; `stream` gives each case numbers of its own, so that one can be repeated alone */
  constructor(seed: number, stream = 0) {
    this.#state = mix(mix(seed) ^ mix(stream + 0x9e37_79b9));
  }

  /** From 0 to 1, without 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    return mix(this.#state) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** true with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** @throws Error when there is nothing to pick from. */
  pick<T>(values: readonly T[]): T {
    const chosen = values.slice(Math.floor(this.next() * values.length));
    for (const value of chosen) {
      return value;
    }
    throw new Error("nothing to pick from");
  }

  /** One of the values; each is as likely as its weight says. */
  weighted<T>(values: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.next() * values.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of values) {
      left -= weight;
      if (left < 0) {
        return value;
      }
    }
    return this.pick(values)[1];
  }
}

function mix(number: number): number {
  let mixed = number | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
