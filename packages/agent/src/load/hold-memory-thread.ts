/** Entry of the thread that holds memory; it ends when the load does, by itself, and its memory goes with it. */
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@fleetquake/contract/plain";
import { readTextBelow } from "./limits/read-text.ts";
import { readProcessLimits } from "./limits/read-process-limits.ts";
import { BYTES_PER_MB } from "./load-profile.ts";
import type { FromLoadThread, MemoryThreadData } from "./load-thread-message.ts";
import { memoryShortage } from "./memory-shortage.ts";
import { StopFlag } from "./stop-flag.ts";

/** Above 32 MB, so that glibc maps each piece by itself and gives it back to the system when it is freed. */
const PIECE_IN_BYTES = 50 * BYTES_PER_MB;
/** The smallest page there is. */
const PAGE_IN_BYTES = 4_096;
/** So often one piece is touched again: memory that nobody uses is what a system under pressure takes first. */
const TOUCH_INTERVAL_IN_MS = 1_000;

class MemoryHolder {
  readonly #data: MemoryThreadData;
  readonly #flag: StopFlag;
  readonly #pieces: Uint8Array[] = [];
  #heldInBytes = 0;

  constructor(data: MemoryThreadData) {
    this.#data = data;
    this.#flag = new StopFlag(data.stop);
  }

  /**
   * Takes the memory piece by piece. The room is looked at again before each: others take memory at the same time, loads
   * of other replicas in the same container for example.
   * @returns why it cannot be had, or null when it is held or the load is over.
   */
  take(): string | null {
    const { bytes, limitsRoot } = this.#data;
    const read = readTextBelow(limitsRoot);
    while (this.#heldInBytes < bytes && !this.isOver) {
      const demand = { wantedInBytes: bytes, heldInBytes: this.#heldInBytes };
      const shortage = memoryShortage(demand, readProcessLimits(read).memory);
      if (shortage !== null) {
        return shortage;
      }
      const piece = new Uint8Array(Math.min(PIECE_IN_BYTES, bytes - this.#heldInBytes));
      touch(piece);
      this.#pieces.push(piece);
      this.#heldInBytes += piece.length;
    }
    return null;
  }

  /** Blocks until the load is over, and keeps the memory in use meanwhile. */
  hold(): void {
    for (let turn = 0; !this.isOver; turn += 1) {
      this.#flag.wait(Math.min(TOUCH_INTERVAL_IN_MS, this.#leftInMs));
      const piece = this.#pieces[turn % this.#pieces.length];
      if (piece !== undefined && !this.isOver) {
        touch(piece);
      }
    }
  }

  get isOver(): boolean {
    return this.#flag.isRaised || this.#leftInMs <= 0;
  }

  get #leftInMs(): number {
    return this.#data.endsAtMonotonicInMs - systemClock.monotonicInMs();
  }
}

/** A page is the process's own only once it has been written to. */
function touch(piece: Uint8Array): void {
  for (let at = 0; at < piece.length; at += PAGE_IN_BYTES) {
    piece[at] = (piece[at] ?? 0) + 1;
  }
}

if (parentPort !== null) {
  const data: MemoryThreadData = workerData;
  const holder = new MemoryHolder(data);
  const shortage = holder.take();
  if (shortage !== null) {
    parentPort.postMessage({ type: "refused", message: shortage } satisfies FromLoadThread);
  } else if (!holder.isOver) {
    parentPort.postMessage({ type: "in-effect" } satisfies FromLoadThread);
    holder.hold();
  }
}
