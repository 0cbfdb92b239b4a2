import { parseChildComplaint } from "./child-line.ts";

/** A fleet of 64 workers that lose Redis shall not scroll the terminal: of equal complaints one in this span. */
const SPAN_IN_MS = 10_000;
const LONGEST_LINE = 300;

/** Chooses from all that the fleet's processes print what the user's terminal should show. */
export class ComplaintFilter {
  readonly #monotonicInMs: () => number;
  readonly #lastShownInMs = new Map<string, number>();
  readonly #held = new Map<string, number>();

  constructor(monotonicInMs: () => number) {
    this.#monotonicInMs = monotonicInMs;
  }

  /** The line to show for what a process printed; null for none. The process's log has everything. */
  take(name: string, line: string): string | null {
    const complaint = parseChildComplaint(line);
    if (complaint === null) {
      return null;
    }
    const key = `${complaint.level} ${complaint.event}`;
    const nowInMs = this.#monotonicInMs();
    const lastInMs = this.#lastShownInMs.get(key);
    if (lastInMs !== undefined && nowInMs - lastInMs < SPAN_IN_MS) {
      this.#held.set(key, (this.#held.get(key) ?? 0) + 1);
      return null;
    }
    const held = this.#held.get(key) ?? 0;
    this.#held.delete(key);
    this.#lastShownInMs.set(key, nowInMs);
    const fields =
      Object.keys(complaint.fields).length === 0 ? "" : JSON.stringify(complaint.fields);
    const more = held === 0 ? "" : ` (and ${held} more of these since the last one shown)`;
    return `${name}: ${key} ${fields}`.trim().slice(0, LONGEST_LINE) + more;
  }
}
