import {
  LONGEST_PROCESS_HANG_IN_SECONDS,
  type Clock,
  type ReplicaHangScope,
} from "@fleetquake/contract";
import { FaultRefusedError, type HangOptions, type HangSwitch } from "@fleetquake/replica";
import { pause } from "../sockets/within.ts";
import type { HangMemory } from "./hang-memory.ts";
import { JobHang } from "./job-hang.ts";
import { LoopHang } from "./loop-hang.ts";

/** A loop that has not come round by then is blocked by something else. */
const LOOP_TIMEOUT_IN_MS = 2_000;
const LOOK_EVERY_IN_MS = 5;
/** A moment that another machine's clock set may seem a little further away than it is. */
const CLOCK_TOLERANCE_IN_MS = 5_000;

export interface ThreadHangSwitchOptions {
  readonly clock: Clock;
  readonly memory: HangMemory;
  /** Tells the application's thread to look for a request in the memory. */
  readonly askLoop: () => void;
}

/** The hangs of a process, as the agent's thread switches them: it goes on while the application stands still. */
export class ThreadHangSwitch implements HangSwitch {
  readonly #options: ThreadHangSwitchOptions;
  readonly #loop: LoopHang;
  readonly #jobs: JobHang;
  /** Counts hangs and releases: whoever is not the latest any more has no say. */
  #turn = 0;

  constructor(options: ThreadHangSwitchOptions) {
    this.#options = options;
    this.#loop = new LoopHang(options.memory.loop);
    this.#jobs = new JobHang(options.memory.jobs);
  }

  async begin({ scope, endsAtMonotonicInMs }: HangOptions): Promise<void> {
    this.#refuse(scope, endsAtMonotonicInMs);
    this.#end();
    switch (scope) {
      case "jobs":
        this.#jobs.hold(endsAtMonotonicInMs);
        break;
      case "process":
        await this.#hangLoop(endsAtMonotonicInMs);
        break;
    }
  }

  release(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  /** What is refused leaves a hang that runs as it is. */
  #refuse(scope: ReplicaHangScope, endsAtInMs: number): void {
    if (scope === "jobs" && !this.#jobs.hasProcessors) {
      throw new FaultRefusedError(
        "NO_JOB_PROCESSOR",
        "No job processor of this application can be held: it has to await the agent's untilWorkAllowed() before each job.",
      );
    }
    const spanInMs = endsAtInMs - this.#options.clock.monotonicInMs();
    const longestInMs = LONGEST_PROCESS_HANG_IN_SECONDS * 1_000;
    if (scope === "process" && spanInMs > longestInMs + CLOCK_TOLERANCE_IN_MS) {
      throw new FaultRefusedError(
        "HANG_TOO_LONG",
        `An event loop hangs for ${LONGEST_PROCESS_HANG_IN_SECONDS} seconds at most.`,
      );
    }
  }

  #end(): void {
    this.#turn += 1;
    this.#loop.end();
    this.#jobs.end();
  }

  async #hangLoop(endsAtInMs: number): Promise<void> {
    const { clock, askLoop } = this.#options;
    const turn = this.#turn;
    const beginsByInMs = clock.monotonicInMs() + LOOP_TIMEOUT_IN_MS;
    this.#loop.request({ beginsByInMs, endsAtInMs });
    askLoop();
    while (turn === this.#turn && this.#isAwaited(beginsByInMs)) {
      await pause(clock, LOOK_EVERY_IN_MS);
    }
    if (turn !== this.#turn) {
      throw failure("HANG_RELEASED", "The hang was released or replaced before it began.");
    }
    if (this.#loop.state === "none") {
      const message = `The event loop did not come round to the hang within ${LOOP_TIMEOUT_IN_MS} ms; it will not hang.`;
      throw failure("LOOP_BLOCKED", message);
    }
  }

  /** Gives the request up when its time has passed, unless the loop has just taken it. */
  #isAwaited(beginsByInMs: number): boolean {
    const isLate = this.#options.clock.monotonicInMs() >= beginsByInMs;
    return this.#loop.state === "requested" && !(isLate && this.#loop.withdraw());
  }
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
