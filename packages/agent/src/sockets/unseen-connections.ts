import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Clock } from "@fleetquake/contract";
import type { RedisControl } from "../control/redis-control.ts";
import type { EndpointName } from "./endpoint-set.ts";
import { findKernelSockets, type KernelSocket } from "./kernel-sockets.ts";
import { readKernelTables } from "./kernel-tables.ts";
import { ownInodes } from "./own-inodes.ts";
import type { SocketLedger } from "./socket-ledger.ts";
import { within } from "./within.ts";

const REFRESH_EVERY_IN_MS = 1_000;
/** The kernel's tables hold every socket of the machine: looking may cost a twentieth of the time, no more. */
const PAUSE_PER_LOOK = 20;
const RESOLVE_EVERY_IN_MS = 60_000;
const LONGEST_LOOK_IN_MS = 500;

export interface UnseenConnectionsOptions {
  readonly ledger: SocketLedger;
  readonly control: RedisControl | null;
  readonly clock: Clock;
}

/**
 * Counts the connections to Redis that the process holds and the ledger does not know: those of worker threads and of
 * native clients, which pass Node's sockets of this thread by. The kernel's tables show them; on other systems than
 * Linux, and for a ledger that holds only a part of the process, the count is 0.
 */
export class UnseenConnections {
  readonly #ledger: SocketLedger;
  readonly #control: RedisControl | null;
  readonly #clock: Clock;
  readonly #resolved = new Map<string, readonly string[]>();
  #foreignInodes: ReadonlySet<string> = new Set();
  #count = 0;
  #refreshedAtInMs = Number.NEGATIVE_INFINITY;
  #refreshEveryInMs = REFRESH_EVERY_IN_MS;
  #resolvedAtInMs = Number.NEGATIVE_INFINITY;

  constructor({ ledger, control, clock }: UnseenConnectionsOptions) {
    this.#ledger = ledger;
    this.#control = control;
    this.#clock = clock;
  }

  /** The last count; a newer one is fetched in the background when it is older than a second or so. */
  get count(): number {
    if (this.#ageInMs() >= this.#refreshEveryInMs) {
      this.#refreshedAtInMs = this.#clock.monotonicInMs();
      void this.refresh();
    }
    return this.#count;
  }

  /**
   * The count for an answer: the last one while it is fresh, so that no answer waits for the kernel's tables, which
   * take milliseconds on a machine with thousands of sockets.
   */
  async recent(): Promise<number> {
    return this.#ageInMs() < 2 * this.#refreshEveryInMs ? this.#count : await this.refresh();
  }

  /** Counts anew; bounded in time, and the last count when the kernel cannot be asked. */
  async refresh(): Promise<number> {
    const { tracksProcess, endpoints } = this.#ledger;
    if (process.platform !== "linux" || !tracksProcess || endpoints.size === 0) {
      return 0;
    }
    const startInMs = this.#clock.monotonicInMs();
    this.#refreshedAtInMs = startInMs;
    void this.#resolveNames();
    const counted = await within(this.#look(), {
      clock: this.#clock,
      timeoutInMs: LONGEST_LOOK_IN_MS,
    });
    const tookInMs = this.#clock.monotonicInMs() - startInMs;
    this.#refreshEveryInMs = Math.max(REFRESH_EVERY_IN_MS, PAUSE_PER_LOOK * tookInMs);
    this.#count = counted ?? this.#count;
    return this.#count;
  }

  #ageInMs(): number {
    return this.#clock.monotonicInMs() - this.#refreshedAtInMs;
  }

  async #look(): Promise<number | null> {
    try {
      const strangers = await this.#strangers();
      const isNew = strangers.some(({ inode }) => !this.#foreignInodes.has(inode));
      const own = isNew ? await ownInodes() : new Set<string>();
      const unseen = strangers.filter(({ inode }) => own.has(inode));
      if (isNew) {
        // Other processes' connections to the same server: no reason to look through all descriptors again.
        const foreign = strangers.filter(({ inode }) => !own.has(inode));
        this.#foreignInodes = new Set(foreign.map(({ inode }) => inode));
      }
      return unseen.length;
    } catch {
      // Without /proc (a container may hide it) nothing is known; the last count stands.
      return null;
    }
  }

  /** Established sockets of this machine towards known Redis servers that neither the ledger nor the agent holds. */
  async #strangers(): Promise<KernelSocket[]> {
    const tables = await readKernelTables();
    const control = await this.#controlPorts();
    const known = this.#knownRoutes();
    const found = new Map<string, KernelSocket>();
    for (const endpoint of this.#addresses()) {
      for (const socket of tables.flatMap((table) => findKernelSockets(table, endpoint))) {
        const isKnown =
          known.has(`${socket.localPort}>${endpoint.port}`) || control.has(socket.localPort);
        if (!isKnown) {
          found.set(socket.inode, socket);
        }
      }
    }
    return [...found.values()];
  }

  async #controlPorts(): Promise<ReadonlySet<number>> {
    const addresses = (await this.#control?.localAddresses()) ?? [];
    return new Set(addresses.map((address) => Number(address.split(":").at(-1))));
  }

  /** A local port may serve several destinations at a time. */
  #knownRoutes(): ReadonlySet<string> {
    const routes = new Set<string>();
    for (const { localPort, remotePort } of this.#ledger.sockets()) {
      routes.add(`${localPort}>${remotePort}`);
    }
    return routes;
  }

  *#addresses(): Generator<EndpointName> {
    for (const endpoint of this.#ledger.endpoints) {
      if (isIP(endpoint.host) !== 0) {
        yield endpoint;
      }
      for (const host of this.#resolved.get(endpoint.host) ?? []) {
        yield { host, port: endpoint.port };
      }
    }
  }

  /** Names that were configured or used; nobody waits for it, the next look has the addresses. */
  async #resolveNames(): Promise<void> {
    const nowInMs = this.#clock.monotonicInMs();
    if (nowInMs - this.#resolvedAtInMs < RESOLVE_EVERY_IN_MS) {
      return;
    }
    this.#resolvedAtInMs = nowInMs;
    for (const { host, port } of this.#ledger.endpoints) {
      if (port !== 0 && isIP(host) === 0) {
        this.#resolved.set(host, await addressesOf(host));
      }
    }
  }
}

async function addressesOf(host: string): Promise<readonly string[]> {
  try {
    const addresses = await lookup(host, { all: true });
    return addresses.map(({ address }) => address);
  } catch {
    // A name that leads nowhere leads to no connection either.
    return [];
  }
}
