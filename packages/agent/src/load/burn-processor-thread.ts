/** Entry of the thread that burns processor time; it ends when the load does, by itself. */
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@fleetquake/contract/plain";
import { DutyCycle, SLICE_IN_MS } from "./duty-cycle.ts";
import type { FromLoadThread, ProcessorThreadData } from "./load-thread-message.ts";
import { StopFlag } from "./stop-flag.ts";
import { threadProcessorTimeInMs } from "./thread-processor-time.ts";

/** Some tens of microseconds of arithmetic between two looks at the clock. */
const STEPS_PER_LOOK = 50_000;

/** Keeps the processor busy until a moment of the monotonic clock. */
function spinUntil(momentInMs: number): void {
  let value = 1;
  while (systemClock.monotonicInMs() < momentInMs) {
    for (let step = 0; step < STEPS_PER_LOOK; step += 1) {
      value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
    }
  }
}

/** Never returns to the thread's event loop: nothing but the load's end is to disturb its rhythm. */
function burn({ cores, endsAtMonotonicInMs, stop }: ProcessorThreadData): void {
  const flag = new StopFlag(stop);
  const isMeasured = threadProcessorTimeInMs() !== null;
  // Without the kernel's figure a busy turn counts as it stands on the clock, interruptions and all.
  let spunInMs = 0;
  const read = () => ({
    nowInMs: systemClock.monotonicInMs(),
    usedInMs: isMeasured ? (threadProcessorTimeInMs() ?? 0) : spunInMs,
  });
  let turn = read();
  const cycle = new DutyCycle(cores, turn);
  while (turn.nowInMs < endsAtMonotonicInMs && !flag.isRaised) {
    spinUntil(Math.min(turn.nowInMs + cycle.busyInMs(turn), endsAtMonotonicInMs));
    const restsFromInMs = systemClock.monotonicInMs();
    spunInMs += restsFromInMs - turn.nowInMs;
    flag.wait(Math.min(turn.nowInMs + SLICE_IN_MS, endsAtMonotonicInMs) - restsFromInMs);
    turn = read();
  }
}

if (parentPort !== null) {
  const data: ProcessorThreadData = workerData;
  parentPort.postMessage({ type: "in-effect" } satisfies FromLoadThread);
  burn(data);
}
