import { fileURLToPath } from "node:url";
import { startChildren } from "../start-children.ts";
import type { ClientOrder } from "./client-host.ts";
import type { ClientKind } from "./fan-out.ts";

const SCRIPT = fileURLToPath(new URL("client-host.ts", import.meta.url));

/** Replicas over a few processes; resolves when all of them listen. */
export function startHosts(options: {
  readonly kind: ClientKind;
  readonly connectionString: string;
  readonly replicas: number;
  readonly processes: number;
}): Promise<AsyncDisposable> {
  const { kind, connectionString, replicas, processes } = options;
  return startChildren(SCRIPT, {
    count: replicas,
    processes,
    order: (share): ClientOrder => ({ kind, connectionString, ...share }),
  });
}
