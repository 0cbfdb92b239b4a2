import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const POLL_IN_MS = 100;
const OLD_TAKEOVER_IN_MS = 10_000;

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
    }
    if (!isWaiting && alive !== undefined) {
      isWaiting = true;
      onWait(alive);
    }
    if (performance.now() > endInMs) {
      throw new Error(
        `${path} is still held by process ${holders?.join(" ")}; if that is wrong, delete the file`,
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

/**
 * Removes a lock whose holders are gone. Only who made the takeover folder may remove, and looks again first: two who find
 * the same stale lock would else remove the new one of whoever was faster.
 */
function removeStale(path, holders) {
  const takeover = `${path}.takeover`;
  if (!tryMakeFolder(takeover)) {
    removeOld(takeover);
    return;
  }
  try {
    if (readHolders(path)?.join() === holders.join()) {
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(takeover, { recursive: true, force: true });
  }
}

function tryMakeFolder(path) {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") {
      throw error;
    }
    return false;
  }
}

/** A takeover takes less than a millisecond: what is older was left by a process that died in it. */
function removeOld(path) {
  const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
  if (mtimeMs !== undefined && Date.now() - mtimeMs > OLD_TAKEOVER_IN_MS) {
    rmSync(path, { recursive: true, force: true });
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
