import type { TokenCredential } from "@azure/service-bus";

/** Where the bus is, and who we are there. */
export type BusConnection =
  | {
      /**
       * `Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…`; with `UseDevelopmentEmulator=true` plain TCP to any
       * port.
       */
      readonly connectionString: string;
      /**
       * Where topics and subscriptions are managed.
       * @default connectionString; with an emulator whose endpoint names no port: port 5300
       */
      readonly administrationConnectionString?: string;
    }
  | {
      /** Fully qualified: `fleet.servicebus.windows.net`. */
      readonly namespace: string;
      /** @default DefaultAzureCredential of @azure/identity, loaded when it is needed */
      readonly credential?: TokenCredential;
    };

/** A socket address of a broker. */
export interface BusEndpoint {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

/** The members of a connection string that we need ourselves; the rest is for the SDK. */
export interface ConnectionStringParts {
  readonly endpoint: BusEndpoint;
  readonly keyName: string;
  readonly key: string;
  /** The SDK speaks plain TCP and plain HTTP is allowed. */
  readonly isDevelopmentEmulator: boolean;
  /** The endpoint names a port. */
  readonly hasPort: boolean;
}

const TLS_PORT = 5671;
const PLAIN_PORT = 5672;

/**
 * The address that the AMQP connection goes to.
 * @throws {TypeError} when the connection string is incomplete; the message names the member, never a value.
 */
export function busEndpoint(connection: BusConnection): BusEndpoint {
  return "namespace" in connection
    ? endpointOf(`sb://${connection.namespace}`, { isTls: true })
    : readConnectionString(connection.connectionString).endpoint;
}

/**
 * Reads a Service Bus connection string.
 * @throws {TypeError} when it is incomplete; the message names the member, never a value.
 */
export function readConnectionString(connectionString: string): ConnectionStringParts {
  const members = new Map<string, string>();
  for (const member of connectionString.split(";")) {
    const split = member.indexOf("=");
    if (split > 0) {
      members.set(member.slice(0, split).trim(), member.slice(split + 1).trim());
    }
  }
  const demand = (name: string): string => {
    const value = members.get(name);
    if (value === undefined || value === "") {
      throw new TypeError(`The connection string of the bus has no ${name}`);
    }
    return value;
  };
  const isDevelopmentEmulator = members.get("UseDevelopmentEmulator") === "true";
  const endpoint = demand("Endpoint");
  return {
    endpoint: endpointOf(endpoint, { isTls: !isDevelopmentEmulator }),
    hasPort: /:\d+\/?$/.test(endpoint),
    keyName: demand("SharedAccessKeyName"),
    key: demand("SharedAccessKey"),
    isDevelopmentEmulator,
  };
}

function endpointOf(endpoint: string, options: { readonly isTls: boolean }): BusEndpoint {
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch (cause) {
    throw new TypeError("The endpoint of the bus is not a URL such as sb://host:port/", { cause });
  }
  if (url.hostname === "") {
    throw new TypeError("The endpoint of the bus has no host");
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (options.isTls ? TLS_PORT : PLAIN_PORT) : Number(url.port),
    isTls: options.isTls,
  };
}
