import type { ClientRow } from "./redis-control.ts";

/**
 * Reads the reply of CLIENT LIST: a line per client, `key=value` separated by spaces.
 * Fields that a server does not know are absent there, see https://redis.io/docs/latest/commands/client-list/.
 */
export function parseClientList(reply: string): ClientRow[] {
  const rows: ClientRow[] = [];
  for (const line of reply.split("\n")) {
    if (line.trim() !== "") {
      rows.push(parseRow(line.trim()));
    }
  }
  return rows;
}

function parseRow(line: string): ClientRow {
  const fields = new Map<string, string>();
  for (const field of line.split(" ")) {
    const equals = field.indexOf("=");
    if (equals > 0) {
      fields.set(field.slice(0, equals), field.slice(equals + 1));
    }
  }
  const count = (name: string): number => Number(fields.get(name) ?? 0);
  return {
    id: fields.get("id") ?? "",
    address: fields.get("addr") ?? "",
    name: fields.get("name") ?? "",
    flags: fields.get("flags") ?? "",
    user: fields.get("user") ?? "",
    multi: Number(fields.get("multi") ?? -1),
    watch: fields.has("watch") ? count("watch") : null,
    subscriptions: count("sub") + count("psub") + count("ssub"),
    queryBuffer: count("qbuf"),
    outputBuffer: count("obl"),
    outputList: count("oll"),
    lastCommand: fields.get("cmd") ?? "",
  };
}
