/**
 * What became of the jobs of a feed, since the feed was made. At any time
 * `added = completed + failed + lost + unverified + outstanding`.
 */
export interface JobLedger {
  /** Jobs that are certainly in Redis, or were: confirmed by a reply, by an event or by looking. Each counts once. */
  readonly added: number;
  readonly completed: number;
  /** Given up by BullMQ. */
  readonly failed: number;
  /** How often a job was found orphaned and taken up again. */
  readonly stalled: number;
  /** Completed jobs whose work was done more than once, as the worker says in its result. */
  readonly run_twice: number;
  /** Added, and neither completed nor failed by now. */
  readonly outstanding: number;
  /** Added, and the queue, when asked, knew nothing of them. */
  readonly lost: number;
  /** Added, and gone from the queue when so many others had completed meanwhile that it may have forgotten them. */
  readonly unverified: number;
  /** Additions on their way, or to be tried again: whether they are in Redis is not known yet. */
  readonly unconfirmed: number;
  /** Additions of which it will never be known: trying again might have added them twice. */
  readonly given_up: number;
  /** Jobs that the rate called for and that were not added: Redis was away, or too many were outstanding. */
  readonly withheld: number;
}
