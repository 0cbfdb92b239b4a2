/** A thread is busy and at rest by turns of this length, short against any window that a load is looked at through. */
export const SLICE_IN_MS = 20;

/**
 * What a thread could not burn, because others had the processor, it makes up for up to this much; the rest is forgiven,
 * since a long turn at full power later on would be a load that nobody asked for.
 */
const MOST_OWED_IN_MS = 100;

/** How a thread stands at a moment, in milliseconds. */
export interface ProcessorReading {
  readonly nowInMs: number;
  /** Processor time of the thread up to now. */
  readonly usedInMs: number;
}

/**
 * Divides a thread's time into turns so that it uses a share of a core: each turn is corrected by what was really used,
 * so that neither an interruption, nor a turn that was too long, nor a rest that was too long adds up.
 */
export class DutyCycle {
  readonly #cores: number;
  #last: ProcessorReading;
  #owedInMs = 0;

  constructor(cores: number, start: ProcessorReading) {
    this.#cores = cores;
    this.#last = start;
  }

  /** How much of the turn that begins now is to be spent busy: 0 to `SLICE_IN_MS` milliseconds. */
  busyInMs(reading: ProcessorReading): number {
    const passedInMs = reading.nowInMs - this.#last.nowInMs;
    const usedInMs = reading.usedInMs - this.#last.usedInMs;
    this.#last = reading;
    const owedInMs = this.#owedInMs + this.#cores * passedInMs - usedInMs;
    this.#owedInMs = Math.min(owedInMs, MOST_OWED_IN_MS);
    return Math.min(Math.max(0, this.#owedInMs + this.#cores * SLICE_IN_MS), SLICE_IN_MS);
  }
}
