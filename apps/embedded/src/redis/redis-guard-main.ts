/**
 * Runs a Redis server as its own child and ends it when the launcher is gone: Redis knows no IPC channel, and a
 * launcher that is killed with SIGKILL cannot clean up. Told by its environment:
 * FLEETQUAKE_GUARD = {command, parameters, folder, cleanup?}.
 */
import { spawn, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import type { GuardOrder } from "./guard-order.ts";

const READY = "Ready to accept connections";
/** Redis marks a warning with "#"; these are its last words when it does not start. */
const WARNING = / # /;
const TERM_IN_MS = 900;
const CLEANUP_IN_MS = 5_000;

function readOrder(text: string | undefined): GuardOrder {
  const order: GuardOrder = JSON.parse(text ?? "");
  return order;
}

const order = readOrder(process.env["FLEETQUAKE_GUARD"]);
const server = spawn(order.command, order.parameters, {
  cwd: order.folder,
  stdio: ["ignore", "pipe", "pipe"],
});

createInterface({ input: server.stdout }).on("line", (line) => {
  const stream = WARNING.test(line) ? process.stderr : process.stdout;
  stream.write(`${line}\n`);
  if (line.includes(READY)) {
    process.send?.({ ready: true, pid: server.pid });
  }
});
server.stderr.pipe(process.stderr);

server.once("error", (error) => {
  process.stderr.write(`${order.command}: ${error.message}\n`);
  leave({ code: 1, signal: null });
});
server.once("close", (code, signal) => leave({ code, signal }));

process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => {
  server.kill("SIGTERM");
  setTimeout(() => server.kill("SIGKILL"), TERM_IN_MS).unref();
});
// The data is nobody's any more: no reason to ask first. SIGKILL also ends a server that somebody has stopped.
process.on("disconnect", () => server.kill("SIGKILL"));

function leave(ended: { readonly code: number | null; readonly signal: string | null }): void {
  if (order.cleanup !== undefined) {
    spawnSync(order.cleanup.command, order.cleanup.parameters, { timeout: CLEANUP_IN_MS });
  }
  rmSync(order.folder, { recursive: true, force: true });
  const exit = (): void => process.exit(ended.code ?? 1);
  if (process.connected) {
    process.send?.({ ended }, exit);
  } else {
    exit();
  }
}
