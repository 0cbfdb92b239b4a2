import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const KEPT_RUNS = 10;

/**
 * Creates the folder for the logs of one run, named by its start and its process, and removes all but the newest ten.
 * A folder whose process still runs is kept.
 */
export function createLogFolder(parent: string): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  const folder = join(parent, `${time}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const runs = readdirSync(parent).toSorted();
  for (const name of runs.slice(0, Math.max(0, runs.length - KEPT_RUNS))) {
    if (!isRunning(Number(name.split("-").at(-1)))) {
      rmSync(join(parent, name), { recursive: true, force: true });
    }
  }
  return folder;
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    // ESRCH, or a process that is not ours and so not one of our runs.
    return false;
  }
}
