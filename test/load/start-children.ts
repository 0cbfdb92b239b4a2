import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";

const START_TIMEOUT_IN_MS = 120_000;

/** What one process takes of the whole. */
export interface Share {
  readonly first: number;
  readonly count: number;
}

/**
 * Spreads something over a few processes of a script, each told its order by a message; resolves when all have answered
 * `{ ready: true }`. They end when they are let go of.
 */
export async function startChildren(
  script: string,
  options: {
    readonly count: number;
    readonly processes: number;
    readonly order: (share: Share) => object;
  },
): Promise<AsyncDisposable> {
  const { count, processes, order } = options;
  const children: ChildProcess[] = [];
  const size = Math.ceil(count / processes);
  const starting: Promise<void>[] = [];
  for (let first = 0; first < count; first += size) {
    const child = fork(script, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    children.push(child);
    starting.push(untilReady(child));
    child.send(order({ first, count: Math.min(size, count - first) }));
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
    throw new Error(`a process did not start: ${JSON.stringify(answer)}`);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.disconnect();
    await ended;
  }
}
