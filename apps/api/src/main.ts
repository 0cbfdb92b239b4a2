import { outliveLogReader } from "@fleetquake/telemetry";
import { ConfigError } from "./config/config-error.ts";
import { loadConfig } from "./config/load-config.ts";
import { startApi, type RunningApi } from "./process/start-api.ts";

outliveLogReader();

let api: RunningApi | null = null;

/** Ctrl-C reaches the process group, and a launcher signals as well: only the first ends, the others change nothing. */
function end(): void {
  const stopped = api?.stop() ?? Promise.resolve();
  // Whatever still holds the process must not: everything that had to be said is said.
  void stopped.finally(() => process.exit(0));
}

function complain(lines: readonly string[]): never {
  process.stderr.write(`The API cannot start:\n${lines.map((line) => `  ${line}\n`).join("")}`);
  process.exit(1);
}

function reasonsOf(error: unknown): readonly string[] {
  if (error instanceof ConfigError) {
    return error.mistakes;
  }
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return [`${error.message}: another process listens there; choose another port with APP_PORT`];
  }
  return [error instanceof Error ? error.message : String(error)];
}

process.on("SIGTERM", end);
process.on("SIGINT", end);
// A launcher that was killed cannot signal; its channel closes.
process.on("disconnect", end);

try {
  api = await startApi(loadConfig(process.env), process.env);
  process.send?.({ ready: true, url: api.url, port: api.port, pid: process.pid });
} catch (error) {
  complain(reasonsOf(error));
}
