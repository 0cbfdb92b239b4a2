import type {
  Clock,
  FleetNews,
  JobsStatus,
  LedgerEntry,
  LoadParameters,
  Timer,
} from "@fleetquake/contract";
import type { JobFeed } from "@fleetquake/jobs";

export interface LoadJobsOptions {
  readonly clock: Clock;
  /** Makes the feed; it opens nothing before it is started. */
  readonly makeFeed: () => JobFeed;
}

/** The jobs that this API feeds the workers' queue with, while a load that asked for them lasts. */
export class LoadJobs implements AsyncDisposable {
  readonly #options: LoadJobsOptions;
  #feed: JobFeed | null = null;
  #feeding: { readonly commandId: string; readonly jobsPerSecond: number } | null = null;
  #endTimer: Timer | null = null;

  constructor(options: LoadJobsOptions) {
    this.#options = options;
  }

  /** What became of the jobs so far; null: this API has fed none. */
  get status(): JobsStatus | null {
    if (this.#feed === null) {
      return null;
    }
    return {
      feeding: this.#feeding !== null,
      jobs_per_second: this.#feeding?.jobsPerSecond ?? 0,
      command_id: this.#feeding?.commandId ?? null,
      ...this.#feed.ledger(),
    };
  }

  /** A load's answers are in: feeds for as long as it lasts, if it asked for jobs and anybody is under it. */
  begin(entry: LedgerEntry, parameters: LoadParameters): void {
    const { jobs_per_second: jobsPerSecond, duration_seconds } = parameters;
    const leftInMs = duration_seconds * 1_000 - (entry.duration_ms ?? 0);
    if (jobsPerSecond === 0 || leftInMs <= 0 || entry.outcome === "none") {
      return;
    }
    this.end();
    this.#feed ??= this.#options.makeFeed();
    this.#feed.start(jobsPerSecond);
    this.#feeding = { commandId: entry.command_id, jobsPerSecond };
    this.#endTimer = this.#options.clock.after(leftInMs, () => this.end());
  }

  /** A load was ended somewhere, or everything was: the jobs end with it. */
  onEvent(event: FleetNews): void {
    if (event.type === "command-opened") {
      const endsLoad = event.fault === "load" && event.action === "recover";
      const halts = event.fault === "halt" && event.action === "inject";
      if (endsLoad || halts) {
        this.end();
      }
    }
  }

  /** Adds nothing more, at once; what became of the jobs is still followed. */
  end(): void {
    this.#endTimer?.cancel();
    this.#endTimer = null;
    this.#feeding = null;
    this.#feed?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await this.#feed?.[Symbol.asyncDispose]();
  }
}
