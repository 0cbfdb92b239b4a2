import type { FeedQueue, SeenJob } from "./feed-queue.ts";
import type { AskedJob, JobBook } from "./job-book.ts";

const MOST_AT_ONCE = 500;
/** So long after it was cut off, an addition that has not arrived will not. */
const ARRIVES_WITHIN_IN_MS = 5_000;

export interface SettleJobsOptions {
  readonly queue: FeedQueue;
  /** The wall clock. */
  readonly nowInMs: number;
  /** Jobs that the queue was asked for within this span are left out. */
  readonly quietInMs: number;
  /** Ids whose addition will be tried again. */
  readonly willRepeat: ReadonlySet<string>;
}

/**
 * Asks the queue what became of jobs of which no event told, and writes it into the book.
 * @throws Error when the queue could not be asked; the jobs are asked about again later.
 */
export async function settleJobs(book: JobBook, options: SettleJobsOptions): Promise<void> {
  const { queue, nowInMs, quietInMs, willRepeat } = options;
  const unasked = book.takeUnasked(nowInMs - quietInMs, { limit: MOST_AT_ONCE, nowInMs });
  const asked = unasked.filter(({ id }) => !willRepeat.has(id));
  const mayArrive = ({ isConfirmed, sentAtInMs }: AskedJob): boolean =>
    !isConfirmed && nowInMs - sentAtInMs < ARRIVES_WITHIN_IN_MS;
  if (asked.length === 0) {
    return;
  }
  const seen = await queue.look(asked.map(({ id }) => id));
  const isMissing = (_: AskedJob, index: number): boolean => seen[index]?.state === "missing";
  const missing = asked.filter(isMissing);
  const isCertain =
    missing.length === 0 ||
    (await queue.remembersSince(Math.min(...missing.map(({ sentAtInMs }) => sentAtInMs))));
  for (const [index, job] of asked.entries()) {
    if (!(isMissing(job, index) && mayArrive(job))) {
      write(book, { id: job.id, seen: seen[index], isCertain });
    }
  }
}

function write(
  book: JobBook,
  {
    id,
    seen,
    isCertain,
  }: { readonly id: string; readonly seen: SeenJob | undefined; readonly isCertain: boolean },
): void {
  switch (seen?.state) {
    case "completed":
      return book.complete(id, seen.run);
    case "failed":
      return book.fail(id);
    case "missing":
      return book.miss(id, isCertain);
    case "pending":
      return book.confirm([id]);
    case undefined:
      return;
  }
}
