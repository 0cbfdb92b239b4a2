import type { ConnectionKind } from "@fleetquake/contract";

/** One command as it was written: its name in capitals, and arguments only where the kind depends on them. */
export interface WrittenCommand {
  readonly name: string;
  readonly args: readonly string[];
}

/** What client libraries send by themselves when they connect: it tells nothing of the connection's use. */
const HANDSHAKE = new Set([
  "ASKING",
  "AUTH",
  "CLIENT",
  "CLUSTER",
  "COMMAND",
  "HELLO",
  "INFO",
  "QUIT",
  "READONLY",
  "READWRITE",
  "RESET",
  "ROLE",
  "SCRIPT",
  "SELECT",
  "SENTINEL",
]);

/** Also sent by keep-alive timers, on connections of every kind. */
const PROBES = new Set(["ECHO", "PING"]);

const SUBSCRIBING = new Set(["PSUBSCRIBE", "SSUBSCRIBE", "SUBSCRIBE"]);

const BLOCKING = new Set([
  "BLMOVE",
  "BLMPOP",
  "BLPOP",
  "BRPOP",
  "BRPOPLPUSH",
  "BZMPOP",
  "BZPOPMAX",
  "BZPOPMIN",
  "WAIT",
  "WAITAOF",
]);

/** Commands whose arguments decide whether they block. */
export const BLOCKING_BY_ARGUMENT: ReadonlySet<string> = new Set(["XREAD", "XREADGROUP"]);

/** What a command says of its connection's use; null: nothing. */
export function kindOfCommand(command: WrittenCommand): ConnectionKind | null {
  if (HANDSHAKE.has(command.name) || PROBES.has(command.name)) {
    return null;
  }
  if (SUBSCRIBING.has(command.name)) {
    return "subscriber";
  }
  if (BLOCKING.has(command.name)) {
    return "blocking";
  }
  if (BLOCKING_BY_ARGUMENT.has(command.name)) {
    const options = command.args.slice(0, Math.max(0, command.args.indexOf("STREAMS")));
    return options.includes("BLOCK") ? "blocking" : "command";
  }
  return "command";
}

/** Whether a command comes from the application rather than from its client library's connection set-up. */
export function isApplicationCommand(name: string): boolean {
  return !HANDSHAKE.has(name);
}
