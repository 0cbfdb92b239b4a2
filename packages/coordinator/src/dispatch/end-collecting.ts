import type { BrokerTime, CommandFault, Log } from "@fleetquake/contract";
import type { FleetLock } from "../ports/fleet-lock.ts";
import { readFaultRecord, type FaultRecord } from "../records/fault-record.ts";

export interface EndCollectingOptions {
  readonly lock: FleetLock;
  readonly brokerTime: BrokerTime;
  readonly log: Log;
  /** Fires at shutdown. */
  readonly ending: AbortSignal;
}

const LOCK_TIMEOUT_IN_MS = 2_000;

/**
 * Writes down that a command's answers are in, long before they had to be. The APIs that run have heard so; one that
 * starts later knows only the record, and would refuse everything as still collecting until the deadline.
 *
 * Where the cool-down or the fault itself forbids as much anyway, the lock is left alone. Never rejects.
 */
export async function endCollecting(
  fault: CommandFault,
  record: FaultRecord,
  { lock, brokerTime, log, ending }: EndCollectingOptions,
): Promise<void> {
  const nowInMs = Math.floor(brokerTime.nowInMs());
  const forbiddenUntilInMs = Math.max(record.coolDownUntilInMs, record.activeUntilInMs);
  if (record.collectingUntilInMs <= Math.max(nowInMs, forbiddenUntilInMs)) {
    return;
  }
  try {
    await lock.withLock(
      fault,
      async (held) => {
        const written = readFaultRecord(await held.read());
        if (written?.commandId === record.commandId) {
          await held.write({ ...written, collectingUntilInMs: nowInMs });
        }
      },
      { timeoutInMs: LOCK_TIMEOUT_IN_MS, abortSignal: ending },
    );
  } catch (error) {
    // The deadline ends it all the same.
    log.debug("collecting-not-ended", { command_id: record.commandId, error });
  }
}
