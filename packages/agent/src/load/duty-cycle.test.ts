import { describe, expect, it } from "vitest";
import { DutyCycle, SLICE_IN_MS } from "./duty-cycle.ts";

interface MachineOptions {
  readonly cores: number;
  /** How much of a busy span the thread really gets, by the moment. @default all of it */
  readonly share?: (nowInMs: number) => number;
  /** How much later than asked for a turn ends. @default 0 */
  readonly oversleepInMs?: number;
}

/** A thread on a machine that may be busy with others: its turns, as the thread that burns takes them. */
class Machine {
  readonly #options: MachineOptions;
  readonly #cycle: DutyCycle;
  #nowInMs = 1_000;
  #usedInMs = 35;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#cycle = new DutyCycle(options.cores, { nowInMs: 1_000, usedInMs: 35 });
  }

  /** Lets time pass without a turn, as for a process that is frozen. */
  freeze(spanInMs: number): void {
    this.#nowInMs += spanInMs;
  }

  /** The share of a core that was used in the next span. */
  run(spanInMs: number): number {
    const { share = () => 1, oversleepInMs = 0 } = this.#options;
    const beganAtInMs = this.#nowInMs;
    const usedBeforeInMs = this.#usedInMs;
    while (this.#nowInMs < beganAtInMs + spanInMs) {
      const busyInMs = this.#cycle.busyInMs({ nowInMs: this.#nowInMs, usedInMs: this.#usedInMs });
      this.#usedInMs += busyInMs * share(this.#nowInMs);
      this.#nowInMs += SLICE_IN_MS + oversleepInMs;
    }
    return (this.#usedInMs - usedBeforeInMs) / (this.#nowInMs - beganAtInMs);
  }
}

describe("the duty cycle", () => {
  it.each([0.003, 0.15, 0.3, 0.6, 0.9, 1])("uses %s cores in every second", (cores) => {
    const machine = new Machine({ cores });
    for (let second = 0; second < 5; second += 1) {
      expect(machine.run(1_000)).toBeCloseTo(cores, 2);
    }
  });

  it("uses its share also when it sleeps longer than it wants", () => {
    expect(new Machine({ cores: 0.6, oversleepInMs: 5 }).run(2_000)).toBeCloseTo(0.6, 1);
  });

  it("uses its share also when others take a part of its turns", () => {
    expect(new Machine({ cores: 0.3, share: () => 0.5 }).run(2_000)).toBeCloseTo(0.3, 1);
    const interrupted = new Machine({ cores: 0.6, share: (now) => (now % 200 < 60 ? 0 : 1) });
    expect(interrupted.run(2_000)).toBeCloseTo(0.6, 1);
  });

  it("does not make up for a long time without the processor", () => {
    const machine = new Machine({ cores: 0.3 });
    machine.run(1_000);
    machine.freeze(60_000);
    // A tenth of a second is made up for.
    expect(machine.run(1_000)).toBeCloseTo(0.4, 1);
    expect(machine.run(1_000)).toBeCloseTo(0.3, 2);
  });

  it("never exceeds a whole turn, nor goes below none", () => {
    const cycle = new DutyCycle(0.9, { nowInMs: 0, usedInMs: 0 });
    expect(cycle.busyInMs({ nowInMs: 50, usedInMs: 0 })).toBe(SLICE_IN_MS);
    expect(cycle.busyInMs({ nowInMs: 60, usedInMs: 500 })).toBe(0);
  });
});
