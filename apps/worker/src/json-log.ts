import type { Log } from "@fleetquake/contract";

/** What LOG_LEVEL may name, as everywhere in the fleet; the worker writes debug to error. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

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
  const least = LOG_LEVELS.indexOf(options.level);
  const at =
    (level: LogLevel): Log["info"] =>
    (event, fields) => {
      if (LOG_LEVELS.indexOf(level) >= least) {
        const line = { level, time: new Date().toISOString(), worker: options.worker, event };
        options.write(`${JSON.stringify({ ...line, ...fields })}\n`);
      }
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
