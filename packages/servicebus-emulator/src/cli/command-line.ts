import { readFileSync } from "node:fs";

import type { BrokerOptions, TlsOptions } from "../broker-options.ts";
import { readEmulatorConfig } from "../config/read-emulator-config.ts";
import type { EntityConfiguration } from "../entities/entity-options.ts";
import { checkTls } from "../network/check-tls.ts";
import { isLoopback } from "../network/is-loopback.ts";
import { keyVariable } from "./cli-options.ts";
import { type GivenOptions, parseOptions } from "./parse-options.ts";
import { readKey } from "./read-key.ts";

/** What a command line asks for. */
export type CommandLine =
  | { readonly kind: "help" }
  | { readonly kind: "run"; readonly broker: BrokerOptions; readonly showsKey: boolean }
  /** It cannot be done: everything that is wrong, one sentence each. */
  | { readonly kind: "refused"; readonly problems: readonly string[] };

/** The ports of AMQP without and with TLS, and that of the REST of Microsoft's emulator. */
const amqpPort = 5672;
const amqpsPort = 5671;
const restPort = 5300;

/** Reads the command line and environment of the `servicebus-emulator` process, and the files it names. */
export function readCommandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const problems: string[] = [];
  const given = parseOptions(args, problems);
  if (given.has("help")) {
    return { kind: "help" };
  }
  const tls = readTls(given, problems);
  const port = readPort(given, "port", problems) ?? (tls === undefined ? amqpPort : amqpsPort);
  const adminPort = readPort(given, "admin-port", problems) ?? restPort;
  const host = given.get("host");
  if (host !== undefined && !isLoopback(host)) {
    problems.push(`--host must be a loopback address (127.0.0.1, ::1, localhost), not '${host}'.`);
  }
  const key = readKey(given.get("key-file"), environment[keyVariable], problems);
  const data = given.get("data");
  const entities = readConfig(given.get("config"), problems);
  if (key === undefined || problems.length > 0) {
    return { kind: "refused", problems };
  }
  const broker: BrokerOptions = {
    port,
    adminPort,
    sharedAccessKey: key,
    entities,
    faults: given.has("faults"),
    ...(data === undefined ? {} : { data }),
    ...(host === undefined ? {} : { host }),
    ...(tls === undefined ? {} : { tls }),
  };
  return { kind: "run", broker, showsKey: given.has("show-key") };
}

function readPort(given: GivenOptions, name: string, problems: string[]): number | undefined {
  const text = given.get(name);
  if (text === undefined) {
    return undefined;
  }
  const port = Number(text);
  if (!/^\d+$/u.test(text) || port > 65_535) {
    problems.push(`--${name} must be a number from 0 to 65535, not '${text}'.`);
    return undefined;
  }
  return port;
}

function readConfig(path: string | undefined, problems: string[]): EntityConfiguration {
  const text = path === undefined ? undefined : readText("config", path, problems);
  if (text === undefined) {
    return {};
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    problems.push(`--config: '${path}' is not JSON: ${String(error)}.`);
    return {};
  }
  const config = readEmulatorConfig(document);
  problems.push(
    ...config.problems.map(({ member, message }) => `--config: ${member || "it"} ${message}.`),
  );
  return config.entities;
}

function readTls(given: GivenOptions, problems: string[]): TlsOptions | undefined {
  const certPath = given.get("tls-cert");
  const keyPath = given.get("tls-key");
  if (certPath === undefined && keyPath === undefined) {
    return undefined;
  }
  if (certPath === undefined || keyPath === undefined) {
    problems.push("--tls-cert and --tls-key must be given together.");
    return undefined;
  }
  const cert = readText("tls-cert", certPath, problems);
  const key = readText("tls-key", keyPath, problems);
  if (cert === undefined || key === undefined) {
    return undefined;
  }
  const problem = checkTls({ cert, key });
  if (problem !== undefined) {
    problems.push(`--tls-cert and --tls-key: ${problem}`);
  }
  return { cert, key };
}

function readText(option: string, path: string, problems: string[]): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    problems.push(`--${option}: '${path}' cannot be read (${code}).`);
    return undefined;
  }
}
