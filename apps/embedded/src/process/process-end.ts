/** How a process of the fleet came to its end. */
export interface ProcessEnd {
  readonly name: string;
  readonly pid: number;
  /** null when a signal ended it, or when it never started. */
  readonly code: number | null;
  readonly signal: string | null;
  /** What it said last on stderr, oldest first. */
  readonly lastLines: readonly string[];
}

/**
 * One sentence, and the process's own last words indented below it.
 * @example "worker-2 (pid 4711) was ended by SIGKILL"
 */
export function describeProcessEnd(end: ProcessEnd): string {
  const how =
    end.signal === null
      ? `ended with exit code ${end.code ?? "unknown"}`
      : `was ended by ${end.signal}`;
  const words = end.lastLines.map((line) => `\n    ${line}`).join("");
  return `${end.name} (pid ${end.pid}) ${how}${words === "" ? "" : `, its last words:${words}`}`;
}
