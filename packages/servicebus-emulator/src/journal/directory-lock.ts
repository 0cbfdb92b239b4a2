import { randomBytes } from "node:crypto";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { processIdentity } from "./process-identity.ts";

const pattern = /^lock-(?<pid>\d+)-(?<identity>\w+)-[0-9a-f]{16}$/u;

/** True for the name of a lock file. */
export function isLockName(name: string): boolean {
  return pattern.test(name);
}

/**
 * Keeps a directory for one broker: each puts down a file that names its process, and only then looks
 * for those of others, so of two that start at once at most one goes on. Files of processes that are gone are taken
 * away. It sees the processes of this machine, and of this container, only.
 *
 * @returns a function that gives the directory free.
 * @throws Error when a running process holds the directory.
 */
export function lockDirectory(directory: string): () => void {
  const identity = processIdentity(process.pid) ?? "running";
  const name = `lock-${process.pid}-${identity}-${randomBytes(8).toString("hex")}`;
  const path = join(directory, name);
  writeFileSync(path, "", { flag: "wx", mode: 0o600 });
  const release = (): void => {
    rmSync(path, { force: true });
  };
  try {
    for (const other of readdirSync(directory)) {
      if (other !== name) {
        dropIfStale(directory, other);
      }
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

function dropIfStale(directory: string, name: string): void {
  const groups = pattern.exec(name)?.groups;
  if (groups === undefined) {
    return;
  }
  const pid = Number(groups["pid"]);
  if (processIdentity(pid) === groups["identity"]) {
    throw new Error(
      `The process ${pid} uses it (${join(directory, name)}). A directory belongs to one broker: stop that one, or name another directory.`,
    );
  }
  rmSync(join(directory, name), { force: true });
}
