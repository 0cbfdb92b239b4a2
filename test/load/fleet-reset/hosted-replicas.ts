import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { HostOrder } from "./replica-host.ts";

const SCRIPT = fileURLToPath(new URL("replica-host.ts", import.meta.url));
const START_TIMEOUT_IN_MS = 120_000;

/** Spreads `count` simulated and `count` bare replicas over a few processes; resolves when all of them run. */
export async function startHostedReplicas(
  order: Omit<HostOrder, "first" | "count">,
  { count, processes }: { readonly count: number; readonly processes: number },
): Promise<AsyncDisposable> {
  const children: ChildProcess[] = [];
  const share = Math.ceil(count / processes);
  const starting: Promise<void>[] = [];
  for (let first = 0; first < count; first += share) {
    const child = fork(SCRIPT, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    children.push(child);
    starting.push(untilReady(child));
    child.send({ ...order, first, count: Math.min(share, count - first) });
  }
  const stop = async (): Promise<void> => {
    await Promise.all(children.map((child) => end(child)));
  };
  try {
    await Promise.all(starting);
  } catch (error) {
    await stop();
    throw error;
  }
  return { [Symbol.asyncDispose]: stop };
}

async function untilReady(child: ChildProcess): Promise<void> {
  const signal = AbortSignal.timeout(START_TIMEOUT_IN_MS);
  const [answer]: readonly unknown[] = await once(child, "message", { signal });
  if (typeof answer !== "object" || answer === null || !("ready" in answer)) {
    throw new Error(`a process of replicas did not start: ${JSON.stringify(answer)}`);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.disconnect();
    await ended;
  }
}
