import type { StreamEvent } from "@fleetquake/contract";

/**
 * One Server-Sent Event as it goes over the wire (WHATWG HTML, "Server-sent events").
 * @param id null: the client keeps the last id that it had
 */
export function formatEvent(event: StreamEvent, id: string | null): string {
  const idLine = id === null ? "" : `id: ${id}\n`;
  return `${idLine}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
