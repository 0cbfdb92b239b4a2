import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Whether this machine shows its processes under /proc. */
export const HAS_PROC = existsSync("/proc/self/stat");

/** The ids of a process and of all that descend from it, as they are now. */
export function processTree(root: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : null;
    if (parent !== null) {
      parents.set(Number(name), parent);
    }
  }
  const tree = [root];
  // Grows while it is walked: children are appended and walked in their turn.
  for (const ancestor of tree) {
    for (const [pid, parent] of parents) {
      if (parent === ancestor) {
        tree.push(pid);
      }
    }
  }
  return tree;
}

/** What a process was started with; empty when it is gone or a zombie. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ").trim() ?? "";
}

/** Whether a process is there and more than a zombie that nobody has collected. */
export function isProcessAlive(pid: number): boolean {
  const state = stateOf(pid);
  return state !== undefined && state !== "Z" && state !== "X";
}

/** Whether a process stands still because of SIGSTOP. */
export function isProcessStopped(pid: number): boolean {
  return stateOf(pid) === "T";
}

function stateOf(pid: number): string | undefined {
  return read(`/proc/${pid}/stat`)?.replace(/^.*\) /s, "")[0];
}

function parentOf(pid: number): number | null {
  // The name stands in parentheses and may hold spaces and parentheses itself.
  const fields = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ");
  return fields === undefined ? null : Number(fields[1]);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process ended between the listing and the reading.
    return null;
  }
}
