import { BUS_SCHEMA_VERSION, type CommandClosed } from "@fleetquake/contract";
import { timestampOf } from "../timestamp-of.ts";
import type { Closing, Collection } from "./collection.ts";

/** Of more instances than this the names do not fit into a message. */
const MAX_ANSWERED = 2_000;

/** What tells the other API replicas that a collection is over, and whose answers were in by then. */
export function closedMessage(collection: Collection, closing: Closing): CommandClosed {
  const { header, published, answeredInTime } = collection;
  return {
    schema: BUS_SCHEMA_VERSION,
    type: "command-closed",
    command_id: header.commandId,
    issuer: header.issuer,
    closed_at: timestampOf(closing.closedAtInMs),
    duration_ms: closing.durationInMs,
    published,
    ...(answeredInTime.length <= MAX_ANSWERED && { answered: [...answeredInTime] }),
  };
}
