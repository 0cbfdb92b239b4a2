import type { JobLedger } from "./job-ledger.ts";

/** A job that is not settled. */
interface OpenJob {
  isConfirmed: boolean;
  /** On the wire at this moment. */
  isUnderWay: boolean;
  readonly sentAtInMs: number;
  /** When the queue was last asked about it, or it was sent. */
  lookedAtInMs: number;
}

type Counts = Omit<JobLedger, "outstanding" | "unconfirmed" | "withheld">;

/**
 * Counts jobs, and remembers those that are not settled; a settled one is forgotten.
 * Events may come before the reply to the addition, twice, or never: each job counts once all the same.
 */
export class JobBook {
  /** In the order in which the queue was asked about them. */
  readonly #open = new Map<string, OpenJob>();
  #unconfirmed = 0;
  readonly #counts: { -readonly [K in keyof Counts]: number } = {
    added: 0,
    completed: 0,
    failed: 0,
    stalled: 0,
    run_twice: 0,
    lost: 0,
    unverified: 0,
    given_up: 0,
  };

  /** How many jobs are remembered. */
  get size(): number {
    return this.#open.size;
  }

  get unconfirmed(): number {
    return this.#unconfirmed;
  }

  /** The counts; `withheld` is the feed's to add. */
  counts(): Omit<JobLedger, "withheld"> {
    const outstanding = this.#open.size - this.#unconfirmed;
    return { ...this.#counts, outstanding, unconfirmed: this.#unconfirmed };
  }

  /** An addition is under way, for the first time or again. */
  send(ids: readonly string[], nowInMs: number): void {
    for (const id of ids) {
      const job = this.#open.get(id);
      if (job === undefined) {
        this.#unconfirmed += 1;
        this.#open.set(id, {
          isConfirmed: false,
          isUnderWay: true,
          sentAtInMs: nowInMs,
          lookedAtInMs: nowInMs,
        });
      } else {
        job.isUnderWay = true;
      }
    }
  }

  /** The jobs are in Redis. */
  confirm(ids: readonly string[]): void {
    for (const id of ids) {
      this.#confirm(id);
    }
  }

  /** An addition has ended without an answer. @returns the ids of which nothing is known. */
  interrupt(ids: readonly string[]): string[] {
    return ids.filter((id) => {
      const job = this.#open.get(id);
      if (job !== undefined) {
        job.isUnderWay = false;
      }
      return job?.isConfirmed === false;
    });
  }

  /** @param run which run of its work it was, from 1; null when the worker does not say. */
  complete(id: string, run: number | null): void {
    if (this.#settle(id)) {
      this.#counts.completed += 1;
      this.#counts.run_twice += run !== null && run > 1 ? 1 : 0;
    }
  }

  fail(id: string): void {
    this.#counts.failed += this.#settle(id) ? 1 : 0;
  }

  stall(id: string): void {
    if (this.#open.has(id)) {
      this.#confirm(id);
      this.#counts.stalled += 1;
    }
  }

  /** The queue knows nothing of a job; `isCertain`: and it cannot have forgotten it. */
  miss(id: string, isCertain: boolean): void {
    const job = this.#open.get(id);
    if (job === undefined || job.isUnderWay) {
      return;
    }
    this.#open.delete(id);
    if (job.isConfirmed) {
      this.#counts[isCertain ? "lost" : "unverified"] += 1;
    } else {
      this.#unconfirmed -= 1;
      this.#counts.given_up += isCertain ? 0 : 1;
    }
  }

  /** Jobs about which the queue was not asked since a moment, the longest unasked first; they count as asked from now on. */
  takeUnasked(
    sinceInMs: number,
    { limit, nowInMs }: { readonly limit: number; readonly nowInMs: number },
  ): readonly AskedJob[] {
    const taken: AskedJob[] = [];
    for (const [id, job] of this.#open) {
      if (job.lookedAtInMs > sinceInMs || taken.length >= limit) {
        break;
      }
      taken.push({ id, sentAtInMs: job.sentAtInMs, isConfirmed: job.isConfirmed });
    }
    for (const { id } of taken) {
      this.#putLast(id, nowInMs);
    }
    return taken.filter(({ id }) => this.#open.get(id)?.isUnderWay === false);
  }

  #putLast(id: string, nowInMs: number): void {
    const job = this.#open.get(id);
    if (job !== undefined) {
      this.#open.delete(id);
      job.lookedAtInMs = nowInMs;
      this.#open.set(id, job);
    }
  }

  #confirm(id: string): void {
    const job = this.#open.get(id);
    if (job !== undefined) {
      job.isUnderWay = false;
      if (!job.isConfirmed) {
        job.isConfirmed = true;
        this.#unconfirmed -= 1;
        this.#counts.added += 1;
      }
    }
  }

  /** @returns whether it was open until now. */
  #settle(id: string): boolean {
    this.#confirm(id);
    return this.#open.delete(id);
  }
}

/** A job to ask the queue about. */
export interface AskedJob {
  readonly id: string;
  readonly sentAtInMs: number;
  readonly isConfirmed: boolean;
}
