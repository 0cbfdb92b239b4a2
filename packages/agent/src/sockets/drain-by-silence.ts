import type { DrainDeadline } from "./drain-deadline.ts";
import type { DrainingConnection } from "./draining-connection.ts";

const LOOK_EVERY_IN_MS = 5;
/** Silence for so many looks counts as idle: longer than a round trip, and than most commands take. */
const SILENT_LOOKS_NEEDED = 10;

interface Traffic {
  read: number;
  written: number;
  /** Something was written in the drain's time that nothing has come back for. */
  isAwaiting: boolean;
  /** Something came back in the drain's time. */
  hasHeard: boolean;
  silentLooks: number;
}

/**
 * Drains connections without the server's help: holds them and releases each after a while of silence in both
 * directions. A blocking call cannot be ended from here, and closing during one can lose what it takes: a connection
 * that is used for such calls is released only after the server has answered once more.
 *
 * Returns when all are released or the time is up; what is left then is for the caller to cut.
 */
export async function drainBySilence(
  connections: readonly DrainingConnection[],
  deadline: DrainDeadline,
): Promise<void> {
  const watched = new Map<DrainingConnection, Traffic>();
  for (const draining of connections) {
    const { bytesRead: read, bytesWritten: written } = draining.connection.socket;
    watched.set(draining, { read, written, isAwaiting: false, hasHeard: false, silentLooks: 0 });
    draining.hold();
  }
  while (watched.size > 0 && !deadline.isOver) {
    await deadline.pause(LOOK_EVERY_IN_MS);
    for (const [draining, traffic] of watched) {
      look(draining, traffic);
      if (draining.phase !== "draining") {
        watched.delete(draining);
      }
    }
  }
}

function look(draining: DrainingConnection, traffic: Traffic): void {
  const { bytesRead, bytesWritten } = draining.connection.socket;
  const hasRead = bytesRead !== traffic.read;
  const hasWritten = bytesWritten !== traffic.written;
  traffic.read = bytesRead;
  traffic.written = bytesWritten;
  traffic.hasHeard ||= hasRead;
  traffic.isAwaiting = hasWritten || (traffic.isAwaiting && !hasRead);
  const mayBeBlocked = draining.connection.kind === "blocking" && !traffic.hasHeard;
  const isSilent = !hasRead && !traffic.isAwaiting && !mayBeBlocked && draining.isQuietHere;
  traffic.silentLooks = isSilent ? traffic.silentLooks + 1 : 0;
  if (traffic.silentLooks >= SILENT_LOOKS_NEEDED) {
    draining.release();
  }
}
