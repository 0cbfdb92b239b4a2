import type { LoadReport } from "@fleetquake/contract";
import { silentLog, systemClock, type Log } from "@fleetquake/contract/plain";
import type { LoadGenerator, LoadOptions } from "@fleetquake/replica";
import { readProcessLimits } from "./limits/read-process-limits.ts";
import { readTextBelow } from "./limits/read-text.ts";
import { planLoad } from "./plan-load.ts";
import { RunningLoad } from "./running-load.ts";

export interface LoadGeneratorOptions {
  /** @default nowhere */
  readonly log?: Log;
  /** Where /proc and the control groups are looked for. @default "/" */
  readonly limitsRoot?: string;
}

/** A load that is not in effect after so long is ended: the processor or the memory is too short for it. */
const START_TIMEOUT_IN_MS = 20_000;

/**
 * The load of this process, in worker threads of its own: neither the application's event loop nor the caller's is blocked,
 * and it ends in time even when both are. It keeps no process alive, and ends with the thread that started it.
 */
export function createLoadGenerator(options: LoadGeneratorOptions = {}): LoadGenerator {
  return new ThreadedLoadGenerator(options);
}

class ThreadedLoadGenerator implements LoadGenerator {
  readonly #log: Log;
  readonly #limitsRoot: string;
  /** Usually one; while a load replaces another one, both. */
  readonly #loads = new Set<RunningLoad>();

  constructor({ log = silentLog, limitsRoot = "/" }: LoadGeneratorOptions) {
    this.#log = log;
    this.#limitsRoot = limitsRoot;
  }

  /** The load before is over in any case, also when this one is refused: nobody has to ask which of them runs. */
  async start({ level, endsAtMonotonicInMs }: LoadOptions): Promise<LoadReport> {
    const limitsRoot = this.#limitsRoot;
    const previous = [...this.#loads];
    const load = new RunningLoad({ endsAtMonotonicInMs, limitsRoot, log: this.#log });
    // Before anything is waited for, so that a stop meanwhile reaches this load too.
    this.#loads.add(load);
    const timer = systemClock.after(START_TIMEOUT_IN_MS, () => void load.end());
    try {
      await Promise.all(previous.map((old) => old.end()));
      const report = planLoad(level, readProcessLimits(readTextBelow(limitsRoot)));
      await load.begin(report);
      void load.gone().then(() => this.#loads.delete(load));
      return report;
    } catch (error) {
      await load.end();
      this.#loads.delete(load);
      throw error;
    } finally {
      timer.cancel();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#loads].map((load) => load.end()));
  }
}
