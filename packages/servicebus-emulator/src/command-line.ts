import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import type { BrokerOptions } from "./broker-options.ts";
import type { EntityConfiguration } from "./entities/entity-options.ts";

/** The environment variable that holds the key: command lines can be read by everybody. */
const keyVariable = "SERVICEBUS_EMULATOR_KEY";

/** The port of AMQP without TLS. */
const defaultPort = 5672;

/**
 * Reads the command line and environment of the `servicebus-emulator` process.
 *
 * @throws Error that says what is wrong and what would be right.
 */
export function readCommandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): BrokerOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: "string" }, config: { type: "string" } },
  });
  const key = environment[keyVariable];
  if (key === undefined || key === "") {
    throw new Error(`Set ${keyVariable} to the key that clients are to use.`);
  }
  const port = values.port === undefined ? defaultPort : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error("--port must be a number from 0 to 65535.");
  }
  const options = { port, sharedAccessKey: key };
  return values.config === undefined
    ? options
    : { ...options, entities: readConfiguration(values.config) };
}

function readConfiguration(path: string): EntityConfiguration {
  try {
    const configuration: EntityConfiguration = JSON.parse(readFileSync(path, "utf8"));
    return configuration;
  } catch (cause) {
    throw new Error(`--config: '${path}' cannot be read as JSON.`, { cause });
  }
}

/** A connection string that may be shown: without its key. */
export function maskKey(connectionString: string): string {
  return connectionString.replace(/(SharedAccessKey=)[^;]*/u, "$1***");
}
