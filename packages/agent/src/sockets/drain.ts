import type { Clock, ConnectionCounts, DrainHazards } from "@fleetquake/contract";
import type { RedisControl } from "../control/redis-control.ts";
import { emptyCounts } from "./count-connections.ts";
import { drainByServer } from "./drain-by-server.ts";
import { drainBySilence } from "./drain-by-silence.ts";
import { DrainDeadline } from "./drain-deadline.ts";
import { DrainingConnection } from "./draining-connection.ts";
import { abortConnecting } from "./reset-socket.ts";
import type { TrackedConnection } from "./tracked-connection.ts";

export interface DrainOptions {
  /** null: no credentials of the agent's own; the drain goes by silence. */
  readonly control: RedisControl | null;
  readonly clock: Clock;
  readonly timeoutInMs: number;
}

/** What a drain came to. `drained + interrupted` is what was closed. */
export interface DrainReport {
  readonly connectingAborted: number;
  readonly drained: number;
  readonly interrupted: number;
  readonly counts: ConnectionCounts;
  /** `server` only if every connection was drained by what its server said. */
  readonly method: "server" | "quiet";
  readonly hazards: DrainHazards;
}

/**
 * Lets connections finish what they have under way, holding new commands back, and closes each as soon as it is idle;
 * what is not closed in time is cut. Connections that come up meanwhile are left alone.
 */
export async function drain(
  connections: readonly TrackedConnection[],
  { control, clock, timeoutInMs }: DrainOptions,
): Promise<DrainReport> {
  const deadline = new DrainDeadline(clock, timeoutInMs);
  const draining: DrainingConnection[] = [];
  let connectingAborted = 0;
  for (const connection of connections) {
    if (connection.phase === "connecting") {
      abortConnecting(connection.socket);
      connectingAborted += 1;
    } else if (connection.phase === "established") {
      draining.push(new DrainingConnection(connection));
    }
  }
  const servers = await Promise.all(
    [...groupByServer(draining)].map((group) => drainGroup(group, { control, deadline })),
  );
  await untilClosed(draining, deadline);
  for (const connection of draining) {
    connection.cut();
  }
  const method = servers.every((isByServer) => isByServer) ? "server" : "quiet";
  return { connectingAborted, method, ...sumUp(draining) };
}

/** @returns whether all of the group was drained by the server's word. */
async function drainGroup(
  group: readonly DrainingConnection[],
  {
    control,
    deadline,
  }: { readonly control: RedisControl | null; readonly deadline: DrainDeadline },
): Promise<boolean> {
  const endpoint = group[0]?.connection.endpoint ?? null;
  // Clients of a Unix socket have one and the same address there: they cannot be told apart.
  const canAsk = control !== null && endpoint !== null && endpoint.port !== 0;
  const left = canAsk ? await drainByServer(group, { control, endpoint, deadline }) : [...group];
  await drainBySilence(left, deadline);
  return left.length === 0;
}

function groupByServer(connections: readonly DrainingConnection[]): Iterable<DrainingConnection[]> {
  const groups = new Map<string, DrainingConnection[]>();
  for (const draining of connections) {
    const { endpoint } = draining.connection;
    const key = endpoint === null ? "" : `${endpoint.host}\n${endpoint.port}\n${endpoint.tls}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [draining]);
    } else {
      group.push(draining);
    }
  }
  return groups.values();
}

/** After its end was sent, a connection is closed when the server's own end arrives. */
async function untilClosed(
  connections: readonly DrainingConnection[],
  deadline: DrainDeadline,
): Promise<void> {
  const isOpen = ({ phase }: DrainingConnection): boolean =>
    phase === "draining" || phase === "ending";
  let waitInMs = 1;
  while (connections.some(isOpen) && !deadline.isOver) {
    await deadline.pause(waitInMs);
    waitInMs = Math.min(2 * waitInMs, 50);
  }
}

function sumUp(
  connections: readonly DrainingConnection[],
): Pick<DrainReport, "drained" | "interrupted" | "counts" | "hazards"> {
  const counts = emptyCounts();
  const hazards: DrainHazards = {};
  let drained = 0;
  let interrupted = 0;
  for (const { phase, connection } of connections) {
    if (phase === "drained" || phase === "interrupted") {
      counts[connection.kind] += 1;
      drained += phase === "drained" ? 1 : 0;
      interrupted += phase === "interrupted" ? 1 : 0;
    }
  }
  for (const hazard of connections.flatMap((connection) => connection.hazards())) {
    hazards[hazard] = (hazards[hazard] ?? 0) + 1;
  }
  return { drained, interrupted, counts, hazards };
}
