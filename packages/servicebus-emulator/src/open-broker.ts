import { AdminService } from "./admin/admin-service.ts";
import { AmqpConnections } from "./amqp-connections.ts";
import type { BrokerDescription } from "./broker-description.ts";
import { type BrokerKeys, brokerKeys, connectionString } from "./broker-keys.ts";
import type { BrokerOptions } from "./broker-options.ts";
import { configureEntities } from "./configure-entities.ts";
import { describeNamespace } from "./describe-namespace.ts";
import { FlushQueue } from "./amqp/flush-queue.ts";
import type { BrokerContext } from "./entities/broker-context.ts";
import type { Clock } from "./entities/clock.ts";
import { LockTokenSource } from "./entities/lock-token.ts";
import { Namespace } from "./entities/namespace.ts";
import { noFaults } from "./faults/fault-hooks.ts";
import { FaultSwitches } from "./faults/fault-switches.ts";
import { FaultApi } from "./json-api/fault-api.ts";
import { handleUnderFaults } from "./admin/handle-under-faults.ts";
import type { Journal } from "./journal/journal.ts";
import { openJournal } from "./journal/open-journal.ts";
import { restoreNamespace } from "./journal/restore-namespace.ts";
import { JsonApi } from "./json-api/json-api.ts";
import { refuseJson } from "./json-api/refuse-json.ts";
import { createAdminServer } from "./network/admin-server.ts";
import { checkTls } from "./network/check-tls.ts";
import { isLoopback } from "./network/is-loopback.ts";
import { type OpenPorts, openPorts } from "./network/open-ports.ts";
import { allowsAdmin } from "./security/allows-admin.ts";
import type { RunningBroker } from "./start-broker.ts";

const sweepPeriodInMs = 1000;

/** The parts of a broker before it listens. */
interface BrokerCore {
  readonly host: string;
  readonly usesTls: boolean;
  readonly keys: BrokerKeys;
  readonly context: BrokerContext;
  readonly namespace: Namespace;
  readonly connections: AmqpConnections;
  readonly faults: FaultSwitches;
  readonly flushQueue: FlushQueue;
  /** Undefined when nothing is kept. */
  readonly journal: Journal | undefined;
  describe(): BrokerDescription;
}

/** Starts a broker on a given clock; see `startBroker`. */
export async function openBroker(options: BrokerOptions, clock: Clock): Promise<RunningBroker> {
  const host = options.host ?? "127.0.0.1";
  check(host, options);
  let address = host;
  const core = createCore(options, clock, () => address);
  try {
    fill(core, options);
    const ports = await openPorts({
      host,
      port: options.port ?? 0,
      adminPort: options.adminPort ?? 0,
      tls: options.tls,
      onAmqp: (socket) => {
        core.connections.accept(socket);
      },
      adminServer: adminServer(core, options.faults ?? false),
    });
    address = hostAndPort(host, ports.port);
    return runningBroker(core, ports);
  } catch (error) {
    core.namespace.close();
    core.journal?.close();
    throw error;
  }
}

/** Brings back what was kept, and adds what is configured and not there. */
function fill({ namespace, journal }: BrokerCore, { entities }: BrokerOptions): void {
  if (journal !== undefined) {
    const returnLocked = restoreNamespace(namespace, journal.image);
    journal.restored();
    returnLocked();
  }
  configureEntities(namespace, entities ?? {});
  journal?.commit();
}

function check(host: string, { tls }: BrokerOptions): void {
  if (!isLoopback(host)) {
    throw new Error(
      `The broker listens on loopback only (127.0.0.1, ::1, localhost), not on '${host}'.`,
    );
  }
  const problem = tls === undefined ? undefined : checkTls(tls);
  if (problem !== undefined) {
    throw new Error(`The certificate and key for TLS cannot be used. ${problem}`);
  }
}

function createCore(options: BrokerOptions, clock: Clock, address: () => string): BrokerCore {
  const keys = brokerKeys(options);
  const hooks = noFaults();
  const journal = openJournal(options, hooks, () => {
    namespace.dispatch();
  });
  const context: BrokerContext = {
    clock,
    lockTokens: new LockTokenSource(),
    faults: hooks,
    changes: journal,
    notFoundText: (path) =>
      `The messaging entity 'sb://${address()}/${path}' could not be found. To know more visit https://aka.ms/sbResourceMgrExceptions.`,
  };
  const namespace = new Namespace(context);
  const flushQueue = new FlushQueue(journal === undefined ? undefined : () => journal.commit());
  const connections = new AmqpConnections({ context, namespace, policies: keys }, flushQueue);
  return {
    host: options.host ?? "127.0.0.1",
    usesTls: options.tls !== undefined,
    keys,
    context,
    namespace,
    connections,
    flushQueue,
    journal,
    faults: new FaultSwitches({ clock, hooks, namespace, connections }),
    describe: () => ({ ...connections.describe(), ...describeNamespace(namespace) }),
  };
}

function adminServer(
  core: BrokerCore,
  allowsFaults: boolean,
): ReturnType<typeof createAdminServer> {
  const { namespace, context, keys } = core;
  const admin = new AdminService(namespace, context);
  const access = (): Parameters<typeof allowsAdmin>[2] => ({
    policies: keys,
    now: context.clock.now(),
  });
  const jsonApi = new JsonApi({
    faults: new FaultApi(core.faults, { isAllowed: allowsFaults }),
    describe: () => core.describe(),
    problem: () => context.faults.refusesChanges?.message,
    refuse: (authorization, path) => refuseJson(authorization, path, access()),
  });
  return createAdminServer({
    json: (request) => jsonApi.answer(request),
    kept: async () => await core.flushQueue.kept(),
    refuse: (authorization, path) => allowsAdmin(authorization, path, access()),
    handle: (request) => handleUnderFaults(request, admin, context.faults),
  });
}

function runningBroker(core: BrokerCore, ports: OpenPorts): RunningBroker {
  const { host, usesTls, keys, namespace, connections, faults, journal } = core;
  const sweeper = setInterval(() => {
    namespace.sweep();
    connections.sweep();
    journal?.retry();
    // What nobody waits for is kept, too.
    void core.flushQueue.kept();
  }, sweepPeriodInMs);
  sweeper.unref();
  const stop = async (): Promise<void> => {
    clearInterval(sweeper);
    await ports.close();
    faults.close();
    namespace.close();
    journal?.close();
  };
  const stringFor = (port: number): string =>
    connectionString({ address: hostAndPort(host, port), usesTls }, keys);
  return {
    port: ports.port,
    adminPort: ports.adminPort,
    connectionString: stringFor(ports.port),
    adminConnectionString: stringFor(ports.adminPort),
    adminUrl: `${usesTls ? "https" : "http"}://${hostAndPort(host, ports.adminPort)}`,
    faults,
    describe: () => core.describe(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
