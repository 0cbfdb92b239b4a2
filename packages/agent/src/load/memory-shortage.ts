import { reservedInBytes, usableInBytes, type MemoryRoom } from "./limits/memory-room.ts";
import { BYTES_PER_MB } from "./load-profile.ts";

export interface MemoryDemand {
  /** What the load is to hold in all. */
  readonly wantedInBytes: number;
  /** What it holds of that already: part of the working set, and not to be counted against itself. */
  readonly heldInBytes: number;
}

/** Says with figures why a room is too small for a load; null when it is not, or no limit is known. */
export function memoryShortage(
  { wantedInBytes, heldInBytes }: MemoryDemand,
  room: MemoryRoom | null,
): string | null {
  if (room === null) {
    return null;
  }
  const { of, limitInBytes } = room;
  // The kernel counts in batches, so that what is held may not be in the working set yet.
  const workingSetInBytes = Math.max(0, room.workingSetInBytes - heldInBytes);
  const usable = usableInBytes({ of, limitInBytes, workingSetInBytes });
  if (wantedInBytes <= usable) {
    return null;
  }
  return (
    `The load wants ${inMb(wantedInBytes)} MB of memory, but ${inMb(Math.max(0, usable))} MB may be used: of the ` +
    `${of}'s ${inMb(limitInBytes)} MB, ${inMb(workingSetInBytes)} MB are in use (the working set) and ` +
    `${inMb(reservedInBytes(limitInBytes))} MB (10 %) stay free`
  );
}

/** Rounded down: "may be used" must never promise more than there is. */
function inMb(bytes: number): number {
  return Math.floor(bytes / BYTES_PER_MB);
}
