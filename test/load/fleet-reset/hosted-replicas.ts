import { fileURLToPath } from "node:url";
import { startChildren } from "../start-children.ts";
import type { HostOrder } from "./replica-host.ts";

const SCRIPT = fileURLToPath(new URL("replica-host.ts", import.meta.url));

/** Spreads `count` simulated and `count` bare replicas over a few processes; resolves when all of them run. */
export function startHostedReplicas(
  order: Omit<HostOrder, "first" | "count">,
  { count, processes }: { readonly count: number; readonly processes: number },
): Promise<AsyncDisposable> {
  return startChildren(SCRIPT, { count, processes, order: (share) => ({ ...order, ...share }) });
}
