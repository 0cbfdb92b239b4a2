import type { BrokerDescription } from "./broker-description.ts";
import type { BrokerOptions } from "./broker-options.ts";
import { systemClock } from "./entities/clock.ts";
import type { BrokerFaults } from "./faults/fault-switches.ts";
import { openBroker } from "./open-broker.ts";

/** A broker that runs. Stopping it, or leaving the scope of `await using`, cuts every connection. */
export interface RunningBroker extends AsyncDisposable {
  /** The port of AMQP and of the admin REST. */
  readonly port: number;
  /** The port for the admin REST: the same one, unless another was asked for. */
  readonly adminPort: number;
  /** For ServiceBusClient, and through `allowEmulator` for ServiceBusAdministrationClient. */
  readonly connectionString: string;
  /** The same with the admin port. */
  readonly adminConnectionString: string;
  /** The address of the admin port, such as `http://127.0.0.1:5300`. */
  readonly adminUrl: string;
  /** Makes the broker fail on purpose. */
  readonly faults: BrokerFaults;
  /** What the broker holds right now, as plain JSON. */
  describe(): BrokerDescription;
  /** Stops listening, cuts every connection at once, and keeps what is to be kept. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a Service Bus broker in this process, on loopback, for the unmodified
 * `@azure/service-bus` client. All it holds lives in memory and ends with it, unless `data` names a
 * directory in which it is kept.
 *
 * @throws Error when the host is not loopback, the certificate does not fit, a port is taken, or the
 * data directory cannot be used.
 * @throws EntityError when a configured entity is not valid.
 */
export async function startBroker(options: BrokerOptions = {}): Promise<RunningBroker> {
  return await openBroker(options, systemClock);
}
