import { readdirSync } from "node:fs";
import { processUsage } from "../process-usage.ts";
import { waitFor } from "../wait-for.ts";
import { socketInodes } from "./connection-owners.ts";
import type { MatrixFleet } from "./matrix-fleet.ts";

/** What one process holds, as the kernel says. */
export interface Footprint {
  readonly name: string;
  readonly sockets: number;
  /** Everything that it has open beside its sockets. */
  readonly files: number;
  readonly threads: number;
  readonly residentInMb: number;
}

const HANDLES = ["sockets", "files", "threads"] as const;

/** HTTP connections to the bus's management that nobody needs any more are closed after some seconds. */
const QUIET_FOR_IN_MS = 5_500;
const QUIET_WITHIN_IN_MS = 30_000;

/** What each process of the fleet holds, once no socket has come or gone for a while. */
export async function quietFootprints(matrix: MatrixFleet): Promise<readonly Footprint[]> {
  let seen = "";
  let sinceInMs = performance.now();
  return waitFor(
    () => {
      const footprints = footprintsOf(matrix);
      const sockets = footprints.map((footprint) => footprint.sockets).join();
      if (sockets !== seen) {
        seen = sockets;
        sinceInMs = performance.now();
      }
      return performance.now() - sinceInMs > QUIET_FOR_IN_MS && footprints;
    },
    { what: "quiet fleet", timeoutInMs: QUIET_WITHIN_IN_MS },
  );
}

/** What each process of the fleet holds, once none has more handles than before, or as it stands after a while. */
export async function footprintsAfter(
  matrix: MatrixFleet,
  before: readonly Footprint[],
): Promise<readonly Footprint[]> {
  const endInMs = performance.now() + QUIET_WITHIN_IN_MS;
  return waitFor(
    () => {
      const footprints = footprintsOf(matrix);
      const isQuiet = footprints.every((after, at) => hasNoMoreHandles(after, before[at]));
      return (isQuiet || performance.now() > endInMs) && footprints;
    },
    { what: "footprint", timeoutInMs: 2 * QUIET_WITHIN_IN_MS },
  );
}

/** A file is open for a moment now and then: the kernel's tables of connections, say. */
function hasNoMoreHandles(after: Footprint, before: Footprint | undefined): boolean {
  return HANDLES.every((kind) => after[kind] <= (before?.[kind] ?? 0));
}

function footprintsOf({ fleet, replicas }: MatrixFleet): readonly Footprint[] {
  return [fleet.broker, ...replicas].map(({ name, pid }) => {
    const sockets = socketInodes(pid).length;
    const files = readdirSync(`/proc/${pid}/fd`).length - sockets;
    const { residentInMb, threads } = processUsage(pid);
    return { name, sockets, files, threads, residentInMb: Math.round(residentInMb) };
  });
}
