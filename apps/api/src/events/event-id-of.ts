import { createHash } from "node:crypto";
import type { FleetNews } from "@fleetquake/contract";

/** What goes into a header and a line of the stream as it is; a line break in it would forge events. */
const SAFE = /^[A-Za-z0-9._:-]{1,128}$/;

/** The id of an event, the same at every API replica: its message's, or a digest where that is none to show. */
export function eventIdOf(messageId: string, event: FleetNews): string {
  if (SAFE.test(messageId)) {
    return messageId;
  }
  const whole = JSON.stringify([messageId, event]);
  return createHash("sha256").update(whole).digest("hex").slice(0, 32);
}
