import type { Clock } from "@fleetquake/contract";
import { emptyCloseReport } from "@fleetquake/replica";
import type { ClosingRedisControl } from "../control/redis-control.ts";
import type { SocketPicture } from "../sockets/connection-picture.ts";
import { closeClients, type OutsideClose } from "./close-clients.ts";
import { findOwnClients, type OwnClientsFound } from "./own-clients.ts";
import { readOwnConnections, type OwnConnections } from "./own-connections.ts";
import { surveyServer } from "./survey-server.ts";

export interface PrepareOutsideCloseOptions {
  /** null: no credentials of the agent's own. */
  readonly control: ClosingRedisControl | null;
  readonly clock: Clock;
  /** What the application's thread knows of the connections. */
  readonly picture: SocketPicture;
  /** Whether the application's thread has done nothing since it gave the picture. */
  readonly isPictureExact: boolean;
  /** Whether the report names the addresses of what was closed. */
  readonly reportsAddresses: boolean;
  /** By the monotonic clock: what has not been found out by then is given up. */
  readonly deadlineInMs: number;
}

/**
 * Finds out whether, and how, this process's connections can be closed while its event loop stands still: Redis is told
 * to, by CLIENT KILL. Changes nothing.
 * @returns what closes them; null where it is not safe, not permitted, not answered in time, or where none is to be found
 * although the application may have opened some meanwhile.
 */
export async function prepareOutsideClose(
  options: PrepareOutsideCloseOptions,
): Promise<(() => Promise<OutsideClose>) | null> {
  const { control, clock, picture, deadlineInMs, reportsAddresses } = options;
  const used = await readOwnConnections(picture.endpoints);
  if (used === null) {
    return null;
  }
  const found =
    control === null ? findOwnClients([], used, []) : await find(used, options, control);
  if (clock.monotonicInMs() >= deadlineInMs) {
    return null;
  }
  if (found.routes.size === 0 && holdsNothingElse(options)) {
    const closedAtInMs = clock.monotonicInMs();
    const report = { ...emptyCloseReport(), ...(reportsAddresses ? { closed_addresses: [] } : {}) };
    return () => Promise.resolve({ report, knownClosed: 0, closedAtInMs });
  }
  return control === null || found.servers.length === 0
    ? null
    : () => closeClients(found, { control, clock, picture, reportsAddresses });
}

async function find(
  used: readonly OwnConnections[],
  { clock, deadlineInMs }: PrepareOutsideCloseOptions,
  control: ClosingRedisControl,
): Promise<OwnClientsFound> {
  const endpoints = used.map(({ endpoint }) => endpoint);
  const surveys = await Promise.all(
    endpoints.map((endpoint) => surveyServer(endpoint, { control, clock, deadlineInMs })),
  );
  const surveyed = surveys.filter((server) => server !== null);
  const own = (await readOwnConnections(endpoints)) ?? used;
  return findOwnClients(surveyed, own, await control.localAddresses());
}

function holdsNothingElse({ isPictureExact, picture }: PrepareOutsideCloseOptions): boolean {
  return isPictureExact && picture.unixConnections + picture.unclassified === 0;
}
