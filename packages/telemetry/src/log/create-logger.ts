import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger } from "pino";
import { LOG_OUTPUT } from "./log-output.ts";
import type { LogLevel } from "./log-levels.ts";

export interface CreateLoggerOptions {
  /** The least level that is written. */
  readonly level: LogLevel;
  /** Stands in every line. */
  readonly base: Readonly<Record<string, unknown>>;
  /** @default standard output */
  readonly output?: DestinationStream;
}

/** The log of every process of the fleet: one JSON object in each line, with level (by name), time (ISO 8601), event and the event's fields. */
export function createLogger({ level, base, output = LOG_OUTPUT }: CreateLoggerOptions): Logger {
  return pino(
    {
      level,
      base,
      messageKey: "event",
      timestamp: stdTimeFunctions.isoTime,
      // A plain JSON.stringify makes {} of an error.
      serializers: { err: stdSerializers.err, error: stdSerializers.err },
      formatters: { level: (label) => ({ level: label }) },
    },
    output,
  );
}
