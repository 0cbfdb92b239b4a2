/** The `run` of a job's result: which run of its work it was. null when the worker does not say. */
export function readRun(result: unknown): number | null {
  const run = typeof result === "object" && result !== null ? Reflect.get(result, "run") : null;
  return typeof run === "number" ? run : null;
}
