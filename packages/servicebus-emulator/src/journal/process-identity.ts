import { readFileSync } from "node:fs";

import { hasCode } from "./has-code.ts";

/** Says of a process that it runs, where the machine does not tell when it began. */
const running = "running";

/**
 * Tells a process from another one that has its number later: by the machine's boot and the moment
 * at which it began, where Linux tells them. Undefined when there is no such process.
 */
export function processIdentity(pid: number): string | undefined {
  return process.platform === "linux" ? linuxIdentity(pid) : signalled(pid);
}

function linuxIdentity(pid: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in parentheses and may hold any character; the start is the 20th field after it (proc(5)).
    const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    return `${boot}x${start}`;
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) {
      return undefined;
    }
    throw error;
  }
}

function signalled(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return running;
  } catch (error) {
    return hasCode(error, "ESRCH") ? undefined : running;
  }
}
