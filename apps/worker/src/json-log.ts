import type { Log } from "@fleetquake/contract";

const LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LEVELS)[number];

/** The levels that LOG_LEVEL may name. */
export const LOG_LEVELS: readonly LogLevel[] = LEVELS;

export interface JsonLogOptions {
  /** The least level that is written. */
  readonly level: LogLevel;
  /** Stands in every line. */
  readonly worker: string;
  /** Gets each line, with its line feed. */
  readonly write: (line: string) => void;
}

/** A log of one JSON object in each line: level, time, event and the event's fields. */
export function createJsonLog(options: JsonLogOptions): Log {
  const least = LEVELS.indexOf(options.level);
  const at =
    (level: LogLevel): Log["info"] =>
    (event, fields) => {
      if (LEVELS.indexOf(level) >= least) {
        const line = { level, time: new Date().toISOString(), worker: options.worker, event };
        options.write(`${JSON.stringify({ ...line, ...fields })}\n`);
      }
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
