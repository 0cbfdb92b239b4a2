import {
  ServiceBusAdministrationClient,
  ServiceBusClient,
  type ServiceBusClientOptions,
} from "@azure/service-bus";
import { allowEmulator, type RunningBroker } from "@fleetquake/servicebus-emulator";

/** Both clients of the SDK, closed at the end of the scope. */
export interface ServiceBusClients extends AsyncDisposable {
  readonly client: ServiceBusClient;
  readonly admin: ServiceBusAdministrationClient;
}

/** Without retries a refusal shows at once, and as what it is. */
const defaultOptions: ServiceBusClientOptions = {
  retryOptions: { maxRetries: 0, timeoutInMs: 5000 },
};

/** Connects the unmodified SDK to a broker. */
export function connectClients(
  broker: Pick<RunningBroker, "connectionString">,
  options: ServiceBusClientOptions = defaultOptions,
): ServiceBusClients {
  const client = new ServiceBusClient(broker.connectionString, options);
  return {
    client,
    admin: allowEmulator(new ServiceBusAdministrationClient(broker.connectionString)),
    [Symbol.asyncDispose]: async () => {
      await client.close();
    },
  };
}
