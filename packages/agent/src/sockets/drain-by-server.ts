import type { ClientRow, RedisControl, RedisEndpoint } from "../control/redis-control.ts";
import type { DrainDeadline } from "./drain-deadline.ts";
import type { DrainingConnection } from "./draining-connection.ts";

/** CLIENT LIST takes time of Redis's only thread (2.7 ms at 1,000 clients): a drain asks so often at most. */
const POLLS = 10;
/**
 * At the first poll a command may still lie unread in the server's socket. At the second, asked for after the first
 * was answered, the server has been through its event loop and has read it: these two follow at once.
 */
const POLLS_AT_ONCE = 2;
const SHORTEST_WAIT_IN_MS = 2;
const LOOK_EVERY_IN_MS = 5;
const LONGEST_CALL_IN_MS = 1_000;

export interface ServerDrainOptions {
  readonly control: RedisControl;
  readonly endpoint: RedisEndpoint;
  readonly deadline: DrainDeadline;
}

/**
 * Drains connections to one server by what the server says of them: holds them, ends blocking calls by
 * CLIENT UNBLOCK TIMEOUT, and releases each as soon as it has nothing under way.
 *
 * @returns the connections about which the server cannot be asked (any more): still to be drained, by silence.
 */
export async function drainByServer(
  connections: readonly DrainingConnection[],
  options: ServerDrainOptions,
): Promise<DrainingConnection[]> {
  const rows = await listClients(options);
  if (rows === null) {
    return [...connections];
  }
  const byAddress = new Map(rows.map((row) => [row.address, row]));
  const known = new Map<string, DrainingConnection>();
  const unknown: DrainingConnection[] = [];
  for (const draining of connections) {
    const row = byAddress.get(draining.connection.localAddress ?? "");
    if (row === undefined) {
      unknown.push(draining);
    } else {
      draining.readRow(row);
      draining.hold();
      known.set(row.id, draining);
    }
  }
  const abandoned = await pollUntilIdle(known, options);
  return [...unknown, ...abandoned];
}

async function pollUntilIdle(
  known: ReadonlyMap<string, DrainingConnection>,
  options: ServerDrainOptions,
): Promise<DrainingConnection[]> {
  const { deadline } = options;
  await unblock(known, options);
  for (let poll = 1; poll <= POLLS; poll += 1) {
    const left = stillDraining(known);
    if (poll > POLLS_AT_ONCE) {
      await untilAnswered([...left.values()], { deadline, poll });
    }
    if (left.size === 0 || deadline.isOver) {
      return [];
    }
    if (!(await sight(left, options))) {
      return [...left.values()];
    }
    await unblock(left, options);
  }
  return [];
}

/** What came in on a connection since the last poll. */
interface Traffic {
  readonly draining: DrainingConnection;
  read: number;
  hasHeard: boolean;
  /** For so many looks nothing came in. */
  silentLooks: number;
}

/**
 * Waits for a sign that a poll is worth its price; without one, so long that the polls last for the whole drain.
 *
 * The sign is that something came in, and then nothing more: for longer with each poll, since a reply of many megabytes
 * comes in bursts, and polls that were asked between them would be used up before its end.
 */
async function untilAnswered(
  connections: readonly DrainingConnection[],
  { deadline, poll }: { readonly deadline: DrainDeadline; readonly poll: number },
): Promise<void> {
  const watched = connections.map((draining): Traffic => {
    const { bytesRead: read } = draining.connection.socket;
    return { draining, read, hasHeard: false, silentLooks: 0 };
  });
  // None, 1, 2, 4 and so on.
  const looksNeeded = Math.floor(2 ** (poll - POLLS_AT_ONCE - 2));
  const longestInMs = Math.max(SHORTEST_WAIT_IN_MS, deadline.leftInMs() / 2 ** (POLLS - poll + 1));
  const stopAtInMs = deadline.leftInMs() - longestInMs;
  const isBusy = ({ draining, hasHeard, silentLooks }: Traffic): boolean =>
    draining.phase === "draining" &&
    !(hasHeard && silentLooks >= looksNeeded && draining.isQuietHere);
  while (watched.some(isBusy) && deadline.leftInMs() > Math.max(0, stopAtInMs)) {
    await deadline.pause(Math.min(LOOK_EVERY_IN_MS, deadline.leftInMs() - stopAtInMs));
    watched.forEach(look);
  }
}

function look(traffic: Traffic): void {
  const { bytesRead } = traffic.draining.connection.socket;
  const hasRead = bytesRead !== traffic.read;
  traffic.read = bytesRead;
  traffic.hasHeard ||= hasRead;
  traffic.silentLooks = hasRead ? 0 : traffic.silentLooks + 1;
}

/** Releases what the server shows as idle; @returns false when it could not be asked. */
async function sight(
  left: ReadonlyMap<string, DrainingConnection>,
  options: ServerDrainOptions,
): Promise<boolean> {
  const written = new Map<DrainingConnection, number>();
  for (const draining of left.values()) {
    written.set(draining, draining.connection.socket.bytesWritten);
  }
  const rows = await listClients(options, [...left.keys()]);
  if (rows === null) {
    return false;
  }
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const [id, draining] of left) {
    const row = byId.get(id);
    if (row !== undefined) {
      draining.readRow(row);
    }
    // A client that the server has dropped has nothing under way there.
    const isIdle = draining.isQuietHere && (row === undefined || isIdleRow(row));
    if (isIdle && draining.connection.socket.bytesWritten === draining.writtenAtLastPoll) {
      draining.release();
    }
    draining.writtenAtLastPoll = written.get(draining) ?? null;
  }
  return true;
}

function isIdleRow(row: ClientRow): boolean {
  return row.queryBuffer === 0 && row.outputBuffer === 0 && row.outputList === 0 && !isBlocked(row);
}

function isBlocked(row: ClientRow): boolean {
  return row.flags.includes("b");
}

async function unblock(
  connections: ReadonlyMap<string, DrainingConnection>,
  { control, endpoint, deadline }: ServerDrainOptions,
): Promise<void> {
  const ids: string[] = [];
  for (const [id, { phase, row }] of connections) {
    if (phase === "draining" && row !== null && isBlocked(row)) {
      ids.push(id);
    }
  }
  // Whether it helped is seen at the next poll.
  await control.unblock(endpoint, { ids, timeoutInMs: callTimeout(deadline) });
}

async function listClients(
  { control, endpoint, deadline }: ServerDrainOptions,
  ids?: readonly string[],
): Promise<readonly ClientRow[] | null> {
  return await control.clientList(endpoint, {
    ...(ids === undefined ? {} : { ids }),
    timeoutInMs: callTimeout(deadline),
  });
}

/** Half of the time that is left stays for going on without the server. */
function callTimeout(deadline: DrainDeadline): number {
  return Math.min(LONGEST_CALL_IN_MS, deadline.leftInMs() / 2);
}

function stillDraining(
  connections: ReadonlyMap<string, DrainingConnection>,
): ReadonlyMap<string, DrainingConnection> {
  return new Map([...connections].filter(([, { phase }]) => phase === "draining"));
}
