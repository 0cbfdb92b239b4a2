import { inspect } from "node:util";
import type { Log, LogFields } from "@fleetquake/contract";
import type { FromThread } from "./thread-message.ts";

/** A log that is written in another thread. */
export function postLog(post: (message: Extract<FromThread, { type: "log" }>) => void): Log {
  const write =
    (level: keyof Log) =>
    (event: string, fields: LogFields = {}): void =>
      post({ type: "log", level, event, fields: plainFields(fields) });
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}

/** Not every value can cross threads (a socket in an error's member cannot): what is no plain value crosses as text. */
function plainFields(fields: LogFields): LogFields {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    plain[name] = plainValue(value);
  }
  return plain;
}

function plainValue(value: unknown): unknown {
  if (value === null || ["string", "number", "boolean", "undefined"].includes(typeof value)) {
    return value;
  }
  return value instanceof Error ? `${value.name}: ${value.message}` : inspect(value);
}
