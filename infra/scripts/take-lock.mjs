import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const POLL_IN_MS = 100;

/**
 * Takes a lock between processes: a file that names the processes which hold it.
 *
 * The file appears by link(2), complete and exclusive. It is stale only when every process that it names is gone, so
 * that an `npm ci` which outlives its killed parent is still waited for.
 *
 * @param {string} path
 * @param {{ timeoutInMs: number, onWait: (pid: number) => void }} options
 * @returns {Promise<{ alsoHeldBy: (pid: number) => void, release: () => void }>}
 * @throws {Error} naming the file when the lock is still held after the timeout.
 */
export async function takeLock(path, { timeoutInMs, onWait }) {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  const endInMs = performance.now() + timeoutInMs;
  let isWaiting = false;
  while (!tryTake(path, draft)) {
    const holders = readHolders(path);
    const alive = holders?.find(isAlive);
    if (holders !== null && alive === undefined) {
      removeStale(path, holders);
      continue;
    }
    if (!isWaiting && alive !== undefined) {
      isWaiting = true;
      onWait(alive);
    }
    if (performance.now() > endInMs) {
      throw new Error(
        `${path} is still held by process ${alive}; if that is wrong, delete the file`,
      );
    }
    await pause(POLL_IN_MS);
  }
  const release = () => rmSync(path, { force: true });
  process.once("exit", release);
  return {
    alsoHeldBy: (pid) => writeFileSync(path, holdersText([process.pid, pid])),
    release: () => {
      process.off("exit", release);
      release();
    },
  };
}

function tryTake(path, draft) {
  writeFileSync(draft, holdersText([process.pid]));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") {
      throw error;
    }
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function holdersText(pids) {
  return `${pids.join(" ")}\n`;
}

/** The pids in the file; null while it is gone or half written. */
function readHolders(path) {
  try {
    const text = readFileSync(path, "utf8");
    return text.endsWith("\n") ? text.trim().split(" ").map(Number) : null;
  } catch (error) {
    if (error.code === "ENOENT") {
      return null;
    }
    throw error;
  }
}

/** Moves a stale lock aside; one that another process has renewed in between is put back. */
function removeStale(path, holders) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readHolders(aside)?.join() !== holders.join()) {
      linkSync(aside, path);
    }
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") {
      throw error;
    }
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Another process of that id lives. Our own id in a file that is not ours is left over from an earlier boot. */
function isAlive(pid) {
  if (pid === process.pid) {
    return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
