import { waitUntil } from "../process/wait-until.ts";
import type { EmbeddedFleet } from "./embedded-fleet.ts";
import { readRoster } from "./read-roster.ts";

export interface WaitForRosterOptions {
  readonly timeoutInMs: number;
  readonly abortSignal?: AbortSignal;
}

/**
 * Waits until every running API is ready and sees every running API and worker as active.
 * @throws Error that says which API sees how many of them when the timeout has passed.
 */
export async function waitForRoster(
  fleet: EmbeddedFleet,
  options: WaitForRosterOptions,
): Promise<void> {
  const apis = fleet.apis.filter((api) => api.process.isRunning);
  const expected = apis.length + fleet.workers.filter((worker) => worker.isRunning).length;
  const endInMs = performance.now() + options.timeoutInMs;
  await Promise.all(
    apis.map(async ({ url, process }) => {
      const seen = { replicas: null as number | null };
      const isComplete = async (): Promise<boolean> => {
        seen.replicas = await readRoster(url, fleet.readKey);
        return seen.replicas !== null && seen.replicas >= expected;
      };
      try {
        await waitUntil(isComplete, {
          what: "complete roster",
          ...options,
          timeoutInMs: endInMs - performance.now(),
        });
      } catch (cause) {
        options.abortSignal?.throwIfAborted();
        const state = seen.replicas === null ? "is not ready" : `sees ${seen.replicas} replicas`;
        const message = `${process.name} at ${url} ${state}, ${expected} are running`;
        throw new Error(message, { cause });
      }
    }),
  );
}
