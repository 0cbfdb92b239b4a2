import type { KeyObject } from "node:crypto";
import { silentLog, systemClock, type Clock, type Log } from "@fleetquake/contract";
import type { CommandBus, FleetLock } from "@fleetquake/coordinator/ports";
import { BusAdministration } from "./bus-administration.ts";
import { busEndpoint, type BusConnection } from "./bus-connection.ts";
import { ServiceBusCommandBus } from "./coordinator-bus.ts";
import { SessionFleetLock } from "./fleet-lock.ts";
import { keepWarm } from "./keep-warm.ts";
import { LiveConnection } from "./live-connection.ts";
import { issuerSubscriptionName } from "./subscription-names.ts";
import { TOPOLOGY } from "./topology.ts";
import type { Transport } from "./transport.ts";

export interface CoordinatorBusOptions {
  readonly connection: BusConnection;
  /** Instance id of this API replica; new with every start of the process. */
  readonly issuer: string;
  /** @default silentLog */
  readonly log?: Log;
  /** @default systemClock */
  readonly clock?: Clock;
  /**
   * Whether `provisionReplica` creates the subscriptions of replicas.
   * @default true with a namespace, where agents have no right to; false with a connection string
   */
  readonly createsSubscriptions?: boolean;
  /**
   * The Ed25519 private key that every message on the topic of commands is signed with.
   * @default nothing is signed; replicas that have a public key then drop everything
   */
  readonly commandKey?: KeyObject;
}

/** The bus and the lock of one API replica, over one connection. */
export interface CoordinatorTransport extends AsyncDisposable {
  /** Closing it closes the connection of both. */
  readonly bus: CommandBus;
  readonly lock: FleetLock;
}

/**
 * The coordinator's side of the bus together with the fleet's lock; nothing is connected before `bus.start`.
 * @throws {TypeError} when the connection is incomplete.
 */
export function createCoordinatorTransport(options: CoordinatorBusOptions): CoordinatorTransport {
  const { connection, issuer, log = silentLog, clock = systemClock } = options;
  // A broken connection string shall fail here, not in the background.
  busEndpoint(connection);
  const bus = new ServiceBusCommandBus({
    connection,
    issuer,
    log,
    clock,
    createsSubscriptions: options.createsSubscriptions ?? "namespace" in connection,
    commandKey: options.commandKey,
    onTransport: (transport) => void keepWarm({ clock, log, transport, warmUp }),
  });
  const { live, administration } = bus;
  const lock = new SessionFleetLock({ live, administration, clock, log });
  async function warmUp(transport: Transport): Promise<void> {
    await Promise.all([
      lock.warmUp(transport, warmSession(issuer)),
      transport.openSender(TOPOLOGY.commandsTopic, transport.signal),
      transport.openSender(TOPOLOGY.eventsTopic, transport.signal),
    ]);
  }
  return { bus, lock, [Symbol.asyncDispose]: () => bus.close() };
}

/**
 * The coordinator's side of the bus; nothing is connected before `start`.
 * @throws {TypeError} when the connection is incomplete.
 */
export function createCoordinatorBus(options: CoordinatorBusOptions): CommandBus {
  return createCoordinatorTransport(options).bus;
}

/**
 * The fleet's lock over a connection of its own, which is opened at once and kept until it is disposed of.
 * @throws {TypeError} when the connection is incomplete.
 */
export function createFleetLock(
  options: Omit<CoordinatorBusOptions, "createsSubscriptions" | "commandKey">,
): FleetLock & AsyncDisposable {
  const { connection, issuer, log = silentLog, clock = systemClock } = options;
  busEndpoint(connection);
  const administration = new BusAdministration(connection, clock);
  const live: LiveConnection = new LiveConnection({
    connection,
    clock,
    log,
    open: async (transport, abortSignal) => {
      if (administration.createsTopics) {
        await administration.ensureTopology(abortSignal);
      }
      await lock.warmUp(transport, warmSession(issuer));
    },
    onLive: () => undefined,
    onLost: () => undefined,
  });
  const lock = new SessionFleetLock({ live, administration, clock, log });
  void live.start();
  return {
    withLock: (fault, use, withLockOptions) => lock.withLock(fault, use, withLockOptions),
    [Symbol.asyncDispose]: () => live.close(),
  };
}

/** A session that only this API replica uses. */
function warmSession(issuer: string): string {
  return `warm-${issuerSubscriptionName(issuer)}`;
}
