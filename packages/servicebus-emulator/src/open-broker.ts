import { AdminService } from "./admin/admin-service.ts";
import { AmqpConnections } from "./amqp-connections.ts";
import { type BrokerKeys, brokerKeys, connectionString } from "./broker-keys.ts";
import type { BrokerOptions } from "./broker-options.ts";
import { configureEntities } from "./configure-entities.ts";
import { describeNamespace } from "./describe-namespace.ts";
import type { BrokerContext } from "./entities/broker-context.ts";
import type { Clock } from "./entities/clock.ts";
import { LockTokenSource } from "./entities/lock-token.ts";
import { Namespace } from "./entities/namespace.ts";
import { createAdminServer } from "./network/admin-server.ts";
import { type OpenPorts, openPorts } from "./network/open-ports.ts";
import { allowsAdmin } from "./security/allows-admin.ts";
import type { RunningBroker } from "./start-broker.ts";

const loopback = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/u;
const sweepPeriodInMs = 1000;

/** Starts a broker on a given clock; see `startBroker`. */
export async function openBroker(options: BrokerOptions, clock: Clock): Promise<RunningBroker> {
  const host = options.host ?? "127.0.0.1";
  if (!loopback.test(host)) {
    throw new Error(`The broker has no TLS and listens on loopback only, not on '${host}'.`);
  }
  const keys = brokerKeys(options);
  let address = host;
  const context: BrokerContext = {
    clock,
    lockTokens: new LockTokenSource(),
    notFoundText: (path) =>
      `The messaging entity 'sb://${address}/${path}' could not be found. To know more visit https://aka.ms/sbResourceMgrExceptions.`,
  };
  const namespace = new Namespace(context);
  configureEntities(namespace, options.entities ?? {});
  const connections = new AmqpConnections({ context, namespace, policies: keys });
  const admin = new AdminService(namespace, context);
  const ports = await openPorts({
    host,
    port: options.port ?? 0,
    adminPort: options.adminPort ?? 0,
    onAmqp: (socket) => {
      connections.accept(socket);
    },
    adminServer: createAdminServer({
      refuse: (authorization, path) =>
        allowsAdmin(authorization, path, { policies: keys, now: clock.now() }),
      handle: (request) => admin.handle(request),
    }),
  });
  address = hostAndPort(host, ports.port);
  return runningBroker({ host, keys, namespace, connections, ports });
}

interface BrokerInternals {
  readonly host: string;
  readonly keys: BrokerKeys;
  readonly namespace: Namespace;
  readonly connections: AmqpConnections;
  readonly ports: OpenPorts;
}

function runningBroker(internals: BrokerInternals): RunningBroker {
  const { host, keys, namespace, connections, ports } = internals;
  const sweeper = setInterval(() => {
    namespace.sweep();
    connections.sweep();
  }, sweepPeriodInMs);
  sweeper.unref();
  const stop = async (): Promise<void> => {
    clearInterval(sweeper);
    await ports.close();
    namespace.close();
  };
  return {
    port: ports.port,
    adminPort: ports.adminPort,
    connectionString: connectionString(hostAndPort(host, ports.port), keys),
    adminConnectionString: connectionString(hostAndPort(host, ports.adminPort), keys),
    describe: () => ({ ...connections.describe(), ...describeNamespace(namespace) }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
