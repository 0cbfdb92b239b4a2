import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Ends a process at once, and waits until it has ended; nothing when it has already. */
export async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
}
