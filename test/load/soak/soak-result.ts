/** What a kind of process held, in MB: medians over its readings, and of all processes of that kind the one that grew most. */
export interface HeldMemory {
  readonly kind: "broker" | "API" | "worker";
  readonly process: string;
  readonly middle_third_mb: number;
  readonly last_third_mb: number;
  /** The last third against the middle one; 1 is flat. */
  readonly growth: number;
}

/** What came of a soak; members named in snake_case are written as JSON as they are. */
export interface SoakResult {
  readonly seconds: number;
  readonly workers: number;
  readonly resets: number;
  readonly connections_closed: number;
  /** Resets that were not answered with 200, by status. */
  readonly refused: Readonly<Record<string, number>>;
  /** Ids of commands whose entry in the ledger is not `complete`, or whose sum is not that of its rows. */
  readonly incomplete: readonly string[];
  readonly jobs: {
    readonly added: number;
    readonly completed: number;
    readonly lost: number;
    readonly failed: number;
    readonly unknown: number;
  };
  readonly memory: readonly HeldMemory[];
  /** Lines of any process's log that tell of a rejection or an exception that nobody handled. */
  readonly unhandled: readonly string[];
  /** Processes of the fleet that are not there any more at the end. */
  readonly ended: readonly string[];
}

/** How much more a process may hold in the last third than in the middle one. */
const MOST_GROWTH = 1.1;
/** In less than this a process is still warming up in the middle third, so that its heap may grow by a quarter. */
const WARM_AFTER_IN_S = 300;
const MOST_GROWTH_WHILE_WARMING = 1.25;

/** What is wrong with a soak, a sentence each; none when it passed. */
export function complaintsOf(result: SoakResult): readonly string[] {
  const most = result.seconds < WARM_AFTER_IN_S ? MOST_GROWTH_WHILE_WARMING : MOST_GROWTH;
  const { refused, incomplete, jobs, memory, unhandled, ended } = result;
  const grown = memory.filter(({ growth }) => !(growth <= most));
  return [
    ...Object.entries(refused).map(([status, count]) => `${count} resets answered ${status}`),
    ...incomplete.map((id) => `command ${id} is not complete in the ledger`),
    ...(jobs.completed === jobs.added
      ? []
      : [`${jobs.added - jobs.completed} jobs did not complete`]),
    ...(jobs.lost + jobs.failed + jobs.unknown === 0 ? [] : [`jobs: ${JSON.stringify(jobs)}`]),
    ...grown.map(
      ({ process, growth }) => `${process} grew to ${growth.toFixed(2)} of what it held`,
    ),
    ...unhandled.map((line) => `unhandled: ${line}`),
    ...ended.map((name) => `${name} is gone`),
  ];
}
