import type { FleetStatus } from "@fleetquake/contract";
import { requestJson } from "../request-json.ts";
import { until } from "../until.ts";
import type { FuzzRoute } from "./read-surface.ts";

/** Longer than any command that may stand in the way is waited for. */
const TIMEOUT_IN_MS = 30_000;

/**
 * Ends every fault that there can be: a DELETE of each path that has one, until everybody has confirmed it.
 * @throws Error when one could not be ended.
 */
export async function endEveryFault(url: string, routes: readonly FuzzRoute[]): Promise<void> {
  const paths = routes
    .filter(({ path, methods }) => methods.includes("DELETE") && !path.includes("{"))
    .map(({ path }) => path);
  await Promise.all(paths.map((path) => endFault(url + path)));
}

/**
 * Ends every fault until the whole fleet says that it has none: a request whose client had gone may begin one later.
 * @throws Error when there is no end of it.
 */
export async function leaveNoFault(url: string, routes: readonly FuzzRoute[]): Promise<void> {
  await until(async () => {
    await endEveryFault(url, routes);
    const { body } = await requestJson<FleetStatus>(`${url}/chaos/status`);
    const { load, hang, halted, replicas } = body;
    const isOver = replicas.every(
      (row) => !row.load.active && !row.hang.active && !row.block.active,
    );
    return isOver && !load.active && !hang.active && !halted;
  }, TIMEOUT_IN_MS);
}

async function endFault(url: string): Promise<void> {
  let last = "";
  const isEnded = async (): Promise<boolean> => {
    const { status, body } = await requestJson<unknown>(url, {
      method: "DELETE",
      timeoutInMs: TIMEOUT_IN_MS,
    });
    last = `${status} ${JSON.stringify(body)}`;
    return status === 200;
  };
  await until(isEnded, TIMEOUT_IN_MS).catch((cause: unknown) => {
    throw new Error(`DELETE ${url}: ${last}`, { cause });
  });
}
