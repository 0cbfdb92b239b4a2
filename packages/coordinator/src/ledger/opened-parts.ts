import { BUS_SCHEMA_VERSION, type CommandOpened, type ExpectedReplica } from "@fleetquake/contract";
import { timestampOf } from "../timestamp-of.ts";
import type { CollectionHeader } from "./collection-header.ts";

/** Service Bus takes 256 KB with its own headers. */
const MAX_MESSAGE_IN_BYTES = 200_000;

/** The messages that open an entry in every API replica: one, or several for a fleet whose names do not fit. */
export function openedParts(
  header: CollectionHeader,
  expected: readonly ExpectedReplica[],
): CommandOpened[] {
  const empty = openedMessage(header, [], { part: 0, parts: 1 });
  const roomInBytes = MAX_MESSAGE_IN_BYTES - Buffer.byteLength(JSON.stringify(empty)) - 64;
  const chunks = split(expected, roomInBytes);
  return chunks.map((chunk, part) => openedMessage(header, chunk, { part, parts: chunks.length }));
}

function openedMessage(
  header: CollectionHeader,
  expected: ExpectedReplica[],
  place: { readonly part: number; readonly parts: number },
): CommandOpened {
  return {
    schema: BUS_SCHEMA_VERSION,
    type: "command-opened",
    command_id: header.commandId,
    ...header.order,
    epoch: header.epoch,
    is_roster_complete: header.isRosterComplete,
    target: header.target,
    expected,
    part: place.part,
    parts: place.parts,
    opened_at: timestampOf(header.openedAtInMs),
    deadline_at: timestampOf(header.deadlineAtInMs),
    deadline_ms: header.deadlineInMs,
    issuer: header.issuer,
    caller: header.caller,
    reason: header.reason,
  };
}

function split(expected: readonly ExpectedReplica[], roomInBytes: number): ExpectedReplica[][] {
  const chunks: ExpectedReplica[][] = [[]];
  let usedInBytes = 0;
  for (const replica of expected) {
    const sizeInBytes = Buffer.byteLength(JSON.stringify(replica)) + 1;
    if (usedInBytes + sizeInBytes > roomInBytes && usedInBytes > 0) {
      chunks.push([]);
      usedInBytes = 0;
    }
    usedInBytes += sizeInBytes;
    chunks.at(-1)?.push(replica);
  }
  return chunks;
}
