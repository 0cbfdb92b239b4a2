/** What a reader who stands still may leave unread before lines are dropped. */
const MOST_UNREAD_IN_BYTES = 1_048_576;

/**
 * Where log lines go: standard output, also when nobody reads it any more. pino's own writer tries a broken pipe again and again
 * when the process ends, and so keeps it (sonic-boom 4.2.1, `flushSync`).
 */
export const LOG_OUTPUT = {
  write(line: string): void {
    if (process.stdout.writableLength < MOST_UNREAD_IN_BYTES) {
      process.stdout.write(line);
    }
  },
} as const;

/** Called once in a process, at its beginning: a log without a reader is no reason to end. */
export function outliveLogReader(): void {
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
}
