import { readHaltRecord, type HaltRecord } from "../records/halt-record.ts";
import type { MemoryFleet } from "./start-memory-fleet.ts";

/** Who halts. */
export const alice = { caller: "alice", reason: "the shop is down" };
/** Who releases. */
export const bob = { caller: "bob", reason: null };

/** What stands written about a halt, for everybody who comes later. */
export function writtenHalt(fleet: MemoryFleet): HaltRecord | null {
  return readHaltRecord(fleet.broker.records.get("halt"));
}
