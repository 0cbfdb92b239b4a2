import { createHmac } from "node:crypto";
import { ServiceBusAdministrationClient } from "@azure/service-bus";
import {
  readConnectionString,
  type BusConnection,
  type ConnectionStringParts,
} from "./bus-connection.ts";
import { resolveCredential } from "./create-service-bus-client.ts";

/** Where Microsoft's emulator, whose connection string names no port, serves its management API. */
const EMULATOR_ADMINISTRATION_PORT = 5300;

/** As long as the SDK's AMQP tokens. */
const TOKEN_LIFETIME_IN_S = 3_600;

type PipelinePolicy = Parameters<ServiceBusAdministrationClient["pipeline"]["addPolicy"]>[0];

/** The client of the management API: creates and deletes topics, queues and subscriptions. */
export async function createAdministrationClient(
  connection: BusConnection,
): Promise<ServiceBusAdministrationClient> {
  // Retried here, with our own deadlines.
  const options = { retryOptions: { maxRetries: 0 } };
  if ("namespace" in connection) {
    const credential = await resolveCredential(connection);
    return new ServiceBusAdministrationClient(connection.namespace, credential, options);
  }
  const connectionString = administrationConnectionString(connection);
  const parts = readConnectionString(connectionString);
  const client = new ServiceBusAdministrationClient(connectionString, options);
  client.pipeline.addPolicy(signForAnHour(parts));
  client.pipeline.addPolicy(closeAfterAnswer);
  if (parts.isDevelopmentEmulator) {
    client.pipeline.addPolicy(speakPlainHttp);
  }
  return client;
}

function administrationConnectionString(connection: {
  readonly connectionString: string;
  readonly administrationConnectionString?: string;
}): string {
  if (connection.administrationConnectionString !== undefined) {
    return connection.administrationConnectionString;
  }
  const { connectionString } = connection;
  const { isDevelopmentEmulator, hasPort } = readConnectionString(connectionString);
  return isDevelopmentEmulator && !hasPort
    ? connectionString.replace(/(Endpoint=sb:\/\/[^/;]*)/, `$1:${EMULATOR_ADMINISTRATION_PORT}`)
    : connectionString;
}

/**
 * The SDK's signature of a management request is good for five minutes, by the clock of this machine: one whose clock is
 * ten minutes slow could never create its subscription.
 */
function signForAnHour(parts: ConnectionStringParts): PipelinePolicy {
  return {
    name: "sign-for-an-hour",
    sendRequest: (request, next) => {
      const resource = encodeURIComponent(request.url.toLowerCase()).toLowerCase();
      const expiry = Math.round(Date.now() / 1_000) + TOKEN_LIFETIME_IN_S;
      const signature = createHmac("sha256", parts.key).update(`${resource}\n${expiry}`);
      const signed = encodeURIComponent(signature.digest("base64"));
      request.headers.set(
        "authorization",
        `SharedAccessSignature sig=${signed}&se=${expiry}&skn=${parts.keyName}&sr=${resource}`,
      );
      return next(request);
    },
  };
}

/** Management requests are rare: an idle connection kept for the next one would outlive the bus. */
const closeAfterAnswer: PipelinePolicy = {
  name: "close-after-answer",
  sendRequest: (request, next) => {
    request.disableKeepAlive = true;
    return next(request);
  },
};

/** The SDK speaks https whatever the connection string says; an emulator has no certificate. */
const speakPlainHttp: PipelinePolicy = {
  name: "speak-plain-http",
  sendRequest: (request, next) => {
    request.url = request.url.replace(/^https:/, "http:");
    request.allowInsecureConnection = true;
    return next(request);
  },
};
