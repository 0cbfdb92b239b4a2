import { RetryMode, ServiceBusClient, type TokenCredential } from "@azure/service-bus";
import { AmqpSocket, type AmqpSocketObserver, type AmqpSocketOptions } from "./amqp-socket.ts";
import { busEndpoint, type BusConnection } from "./bus-connection.ts";

/**
 * Never the SDK's default: with that a receiver was deaf for 28.8 s after an outage of one second.
 *
 * It does not retry at all, because this package does: the SDK sends a message again whose answer it did not get, and
 * what is left of its errors afterwards does not tell whether the first one arrived.
 */
const RETRY = {
  mode: RetryMode.Fixed,
  maxRetries: 0,
  retryDelayInMs: 200,
  timeoutInMs: 5_000,
} as const;

/** The SDK's client over a socket of our own; nothing is connected yet. */
export async function createServiceBusClient(
  connection: BusConnection,
  observer: AmqpSocketObserver,
): Promise<ServiceBusClient> {
  const socketOptions: AmqpSocketOptions = { endpoint: busEndpoint(connection), observer };
  // The SDK writes into the object that it is given.
  const options = {
    retryOptions: { ...RETRY },
    webSocketOptions: { webSocket: AmqpSocket, webSocketConstructorOptions: socketOptions },
  };
  return "namespace" in connection
    ? new ServiceBusClient(connection.namespace, await resolveCredential(connection), options)
    : new ServiceBusClient(connection.connectionString, options);
}

/** The given credential, or Azure's default chain; @azure/identity is loaded only then, since it costs 30 MB. */
export async function resolveCredential(connection: {
  readonly credential?: TokenCredential;
}): Promise<TokenCredential> {
  if (connection.credential !== undefined) {
    return connection.credential;
  }
  const { DefaultAzureCredential } = await import("@azure/identity");
  return new DefaultAzureCredential();
}
