import { processUsage } from "../../support/process-usage.ts";
import { spreadOf } from "../measurements.ts";
import type { HeldMemory } from "./soak-result.ts";

/** A process whose memory is read. */
export interface WatchedProcess {
  readonly kind: HeldMemory["kind"];
  readonly name: string;
  readonly pid: number;
}

/** What processes hold over time, as /proc shows it. */
export class MemoryLog {
  readonly #readings = new Map<WatchedProcess, number[]>();

  constructor(processes: readonly WatchedProcess[]) {
    for (const process of processes) {
      this.#readings.set(process, []);
    }
  }

  /** @returns the names of processes that are not there any more. */
  read(): readonly string[] {
    const gone: string[] = [];
    for (const [{ name, pid }, readings] of this.#readings) {
      try {
        readings.push(processUsage(pid).residentInMb);
      } catch {
        // Without an entry in /proc it has ended.
        gone.push(name);
      }
    }
    return gone;
  }

  /** Of each kind the process that grew most from the middle third of its readings to the last. */
  grown(): readonly HeldMemory[] {
    const held = [...this.#readings].map(([{ kind, name }, readings]) => {
      const third = Math.floor(readings.length / 3);
      const middle = spreadOf(readings.slice(third, 2 * third)).p50;
      const last = spreadOf(readings.slice(2 * third)).p50;
      return {
        kind,
        process: name,
        middle_third_mb: middle,
        last_third_mb: last,
        growth: last / middle,
      };
    });
    return (["broker", "API", "worker"] as const).flatMap((kind) =>
      held
        .filter((row) => row.kind === kind)
        .toSorted((a, b) => b.growth - a.growth)
        .slice(0, 1),
    );
  }
}
