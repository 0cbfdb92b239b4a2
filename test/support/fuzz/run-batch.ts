import { inLanes } from "./in-lanes.ts";

export interface BatchOptions {
  readonly run: (number: number) => Promise<void>;
  /** Ends whatever the batch began; runs as soon as nothing but what hangs is left of it, and at its end. */
  readonly cleanUp: () => Promise<void>;
  /** Whether all lanes may come to hang, so that none of them can be waited for. @default false */
  readonly mayAllHang?: boolean;
}

/** Time for a load to come into effect. */
const CLEAN_UP_PERIOD_IN_MS = 400;

/** Runs the cases from `first` to before `end`. A request that hangs keeps its lane: cleaning up lets it go. */
export async function runBatch(
  first: number,
  end: number,
  { run, cleanUp, mayAllHang = false }: BatchOptions,
): Promise<void> {
  const lanes = inLanes(first, end, run);
  await (mayAllHang || Promise.race(lanes));
  const all = Promise.all(lanes).then(() => true);
  while (!(await Promise.race([all, afterwards(CLEAN_UP_PERIOD_IN_MS)]))) {
    await cleanUp();
  }
  await cleanUp();
}

/** Resolves with false after a while. */
function afterwards(spanInMs: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), spanInMs));
}
