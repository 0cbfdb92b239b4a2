/** A line of a process's log that the user should see. */
export interface ChildComplaint {
  readonly level: "error" | "warn";
  readonly event: string;
  /** The line's further fields, as they came. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Numeric levels as pino writes them. */
const PINO_WARN = 40;
const PINO_ERROR = 50;

const OMITTED = new Set(["level", "time", "event", "msg", "message", "pid", "hostname", "name"]);

/**
 * Reads a line of JSON that a process printed, with a level by name or by pino's number.
 * @returns null for everything below a warning and for what is no such line.
 */
export function parseChildComplaint(line: string): ChildComplaint | null {
  const record = parseRecord(line);
  const level = record === null ? null : readLevel(record["level"]);
  if (record === null || level === null) {
    return null;
  }
  const event = record["event"] ?? record["msg"] ?? record["message"];
  const fields = Object.entries(record).filter(([name]) => !OMITTED.has(name));
  return {
    level,
    event: typeof event === "string" ? event : "unnamed",
    fields: Object.fromEntries(fields),
  };
}

function parseRecord(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) {
    return null;
  }
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    // Something that merely begins like JSON is a plain line of output.
    return null;
  }
}

function readLevel(level: unknown): "error" | "warn" | null {
  if (level === "warn" || level === PINO_WARN) {
    return "warn";
  }
  const isError =
    level === "error" || level === "fatal" || (typeof level === "number" && level >= PINO_ERROR);
  return isError ? "error" : null;
}
