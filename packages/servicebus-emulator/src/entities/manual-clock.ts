import type { Clock } from "./clock.ts";

interface Task {
  readonly dueAt: number;
  readonly run: () => void;
}

/** A clock for tests: time passes when it is told to, and what is due then runs in order. */
export class ManualClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  readonly #tasks = new Set<Task>();

  /** How many tasks are scheduled. */
  get pending(): number {
    return this.#tasks.size;
  }

  now(): number {
    return this.#now;
  }

  schedule(delayInMs: number, run: () => void): () => void {
    const task: Task = { dueAt: this.#now + delayInMs, run };
    this.#tasks.add(task);
    return () => {
      this.#tasks.delete(task);
    };
  }

  /** Lets time pass, in milliseconds. */
  advance(spanInMs: number): void {
    const end = this.#now + spanInMs;
    for (let task = this.#nextUntil(end); task !== undefined; task = this.#nextUntil(end)) {
      this.#tasks.delete(task);
      this.#now = Math.max(this.#now, task.dueAt);
      task.run();
    }
    this.#now = end;
  }

  #nextUntil(end: number): Task | undefined {
    return [...this.#tasks]
      .filter(({ dueAt }) => dueAt <= end)
      .sort((one, other) => one.dueAt - other.dueAt)[0];
  }
}
