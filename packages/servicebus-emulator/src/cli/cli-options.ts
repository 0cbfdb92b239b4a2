/** An option of the command line. */
export interface CliOption {
  readonly name: string;
  /** What its value is called in the help; undefined for one without value. */
  readonly value: string | undefined;
  readonly help: string;
}

/** The environment variable that holds the key: command lines can be read by everybody. */
export const keyVariable = "SERVICEBUS_EMULATOR_KEY";

/** Every option; the README's table is held to this one. */
export const cliOptions: readonly CliOption[] = [
  {
    name: "config",
    value: "FILE",
    help: "Entities to start with: the config.json of Microsoft's emulator. None without it.",
  },
  { name: "host", value: "ADDRESS", help: "Loopback address to listen on. Default 127.0.0.1." },
  {
    name: "port",
    value: "NUMBER",
    help: "AMQP and admin REST; 0 takes a free one. Default 5672, with TLS 5671.",
  },
  {
    name: "admin-port",
    value: "NUMBER",
    help: "Admin REST, /health and /entities alone; 0 for none. Default 5300.",
  },
  {
    name: "key-file",
    value: "FILE",
    help: `File with the shared access key; made with a new key if it is not there. Default: the variable ${keyVariable}.`,
  },
  { name: "show-key", value: undefined, help: "Print connection strings with their key." },
  { name: "tls-cert", value: "FILE", help: "Certificate chain in PEM: TLS on every port." },
  { name: "tls-key", value: "FILE", help: "Private key of the certificate in PEM." },
  {
    name: "data",
    value: "DIR",
    help: "Keep entities and messages in this directory over a restart; made if it is not there.",
  },
  {
    name: "faults",
    value: undefined,
    help: "Take PUT and DELETE /faults/<name> on the admin port.",
  },
  { name: "help", value: undefined, help: "Print this text." },
];

/** The text of `--help`. */
export function helpText(): string {
  const heads = cliOptions.map(({ name, value }) =>
    value === undefined ? `--${name}` : `--${name} ${value}`,
  );
  const width = Math.max(...heads.map((head) => head.length));
  const lines = cliOptions.map(
    ({ help }, index) => `  ${(heads[index] ?? "").padEnd(width)}  ${help}`,
  );
  return [
    "Usage: servicebus-emulator [options]",
    "",
    "An Azure Service Bus broker on loopback for @azure/service-bus.",
    "",
    ...lines,
    "",
  ].join("\n");
}
