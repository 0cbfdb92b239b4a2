import type { Clock, CloseReport, RedisState } from "@fleetquake/contract";
import { MOST_CLOSED_ADDRESSES } from "@fleetquake/contract/plain";
import {
  CloseExpiredError,
  type CloseOptions,
  type ConnectionSet,
  type RecoveryObservation,
} from "@fleetquake/replica/connection-set";
import type { RedisControl } from "../control/redis-control.ts";
import { closeNow, type ClosedConnections } from "./close-now.ts";
import { pictureSockets, type ConnectionPicture } from "./connection-picture.ts";
import { countConnections } from "./count-connections.ts";
import { drain, type DrainReport } from "./drain.ts";
import type { EndpointName } from "./endpoint-set.ts";
import { RecoveryWatch, standsWithReply, type RecoveryWatchOptions } from "./recovery-watch.ts";
import type { SocketLedger } from "./socket-ledger.ts";
import type { TrackedConnection } from "./tracked-connection.ts";
import { UnseenConnections } from "./unseen-connections.ts";

export interface ConnectionSetOptions {
  readonly ledger: SocketLedger;
  /** null: no credentials of the agent's own; drains are quiet. */
  readonly control: RedisControl | null;
  readonly clock: Clock;
  /** Redis servers that are known beforehand, by name or address. */
  readonly configuredEndpoints?: readonly EndpointName[];
  /** false when the application says that it uses no Redis at all. */
  readonly enabled: boolean;
}

/** Connections were closed from outside while the loop stood still. */
export interface ForeignClose {
  /** How many of them the ledger had when it was last asked. */
  readonly closed: number;
  /** The ledger's newest connection at that time. */
  readonly lastSerial: number;
  /** By the monotonic clock. */
  readonly closedAtInMs: number;
}

/** The connections of one replica, with what only its own application can tell. */
export interface AgentConnectionSet extends ConnectionSet {
  /** Everything that another thread has to know of the connections. */
  picture(): ConnectionPicture;
  /** Begins to watch how the connections come back that were closed without this set. */
  recordForeignClose(close: ForeignClose): void;
  /** The application has finished a unit of work: after a close the first one is a moment of its recovery. */
  recordWork(): void;
}

/** The live Redis connections that a ledger holds, as the replica's domain asks for them. */
export function createConnectionSet(options: ConnectionSetOptions): AgentConnectionSet {
  for (const endpoint of options.configuredEndpoints ?? []) {
    options.ledger.endpoints.add(endpoint);
  }
  return new LedgerConnectionSet(options);
}

class LedgerConnectionSet implements AgentConnectionSet {
  readonly #ledger: SocketLedger;
  readonly #control: RedisControl | null;
  readonly #clock: Clock;
  readonly #enabled: boolean;
  readonly #unseen: UnseenConnections;
  #watch: RecoveryWatch | null = null;
  #lastClose: Promise<unknown> = Promise.resolve();

  constructor({ ledger, control, clock, enabled }: ConnectionSetOptions) {
    this.#ledger = ledger;
    this.#control = control;
    this.#clock = clock;
    this.#enabled = enabled;
    this.#unseen = new UnseenConnections({ ledger, control, clock });
  }

  state(): RedisState {
    const connections = this.#ledger.connections();
    const counts = countConnections(connections);
    return {
      connected:
        this.#ledger.lastSerial === 0
          ? null
          : connections.some(({ phase, hasReply }) => phase === "established" && hasReply),
      enabled: this.#enabled,
      connection_count: counts.command + counts.blocking + counts.subscriber + counts.unknown,
      connections: counts,
      unseen: this.#unseen.count,
      last_reset: null,
    };
  }

  close(options: CloseOptions): Promise<CloseReport> {
    const close = this.#lastClose.then(() => this.#close(options));
    // The next close waits for this one, whatever becomes of it.
    this.#lastClose = close.catch(() => undefined);
    return close;
  }

  recovery(): RecoveryObservation | null {
    return this.#watch?.observation() ?? null;
  }

  recordWork(): void {
    this.#watch?.recordWork();
  }

  picture(): ConnectionPicture {
    return {
      state: this.state(),
      recovery: this.recovery(),
      recoverySinceInMs: this.#watch?.sinceInMs ?? null,
      sockets: pictureSockets(this.#ledger),
    };
  }

  recordForeignClose({ closed, lastSerial, closedAtInMs }: ForeignClose): void {
    this.#watchRecovery({ expected: closed, lastSerial, sinceInMs: closedAtInMs });
  }

  #watchRecovery(close: Pick<RecoveryWatchOptions, "expected" | "lastSerial" | "sinceInMs">): void {
    this.#watch?.stop();
    this.#watch = new RecoveryWatch({ ...close, ledger: this.#ledger, clock: this.#clock });
  }

  async #close(options: CloseOptions): Promise<CloseReport> {
    if (this.#clock.monotonicInMs() > options.expiresAtMonotonicInMs) {
      throw new CloseExpiredError(`the command ${options.commandId} expired before its turn`);
    }
    const connections = this.#ledger.connections();
    this.#watchRecovery({
      expected: connections.filter(standsWithReply).length,
      lastSerial: this.#ledger.lastSerial,
      sinceInMs: this.#clock.monotonicInMs(),
    });
    // Before: a socket that is closed has no address any more.
    const addresses = options.reportsAddresses === true ? addressesOf(connections) : undefined;
    const closed = options.force
      ? reportOfClose(closeNow(connections))
      : reportOfDrain(
          await drain(connections, {
            control: this.#control,
            clock: this.#clock,
            timeoutInMs: options.drainTimeoutInMs,
          }),
        );
    options.onClosed?.(this.#clock.monotonicInMs());
    const unseen = await this.#unseen.recent();
    const isPartial = unseen > 0 || this.#ledger.unclassifiedAdopted() > 0;
    return {
      coverage: isPartial ? "partial" : "full",
      unseen,
      closed_by: "process",
      ...closed,
      ...(addresses === undefined ? {} : { closed_addresses: addresses }),
    };
  }
}

function addressesOf(connections: readonly TrackedConnection[]): string[] {
  return connections
    .filter(({ phase }) => phase === "established")
    .flatMap(({ localAddress }) => localAddress ?? [])
    .slice(0, MOST_CLOSED_ADDRESSES);
}

type ClosedPart = Omit<CloseReport, "coverage" | "unseen" | "closed_by">;

function reportOfClose({ closed, connectingAborted, counts }: ClosedConnections): ClosedPart {
  return {
    connections_closed: closed,
    connecting_aborted: connectingAborted,
    connections: counts,
  };
}

function reportOfDrain(report: DrainReport): ClosedPart {
  return {
    connections_closed: report.drained + report.interrupted,
    connecting_aborted: report.connectingAborted,
    connections: report.counts,
    drain_method: report.method,
    drained: report.drained,
    interrupted: report.interrupted,
    drain_hazards: report.hazards,
  };
}
