import type { Clock } from "@fleetquake/contract";
import type { EndSignal } from "./operation-signal.ts";
import { pause } from "./pause.ts";
import type { Transport } from "./transport.ts";
import { withDeadline } from "./with-deadline.ts";

/** As long as the broker is heard, nobody asks. */
const SILENCE_IN_MS = 2_000;
const TIMEOUT_IN_MS = 2_000;
const PROBES_LOST_UNTIL_FAILURE = 2;

export interface WatchLivenessOptions {
  readonly clock: Clock;
  readonly transport: Transport;
  /** A round trip to the broker. */
  readonly probe: (abortSignal: EndSignal) => Promise<void>;
}

/**
 * Asks a silent broker whether it still lives, and fails the transport when two questions in a row got no answer: about
 * six seconds after the last sign of life, where the connection itself would take three minutes to notice.
 * Ends with the transport; never rejects.
 */
export async function watchLiveness(options: WatchLivenessOptions): Promise<void> {
  const { clock, transport } = options;
  let lost = 0;
  while (!transport.signal.aborted) {
    const silentForInMs = transport.silentForInMs();
    if (silentForInMs < SILENCE_IN_MS) {
      lost = 0;
      await pause(clock, SILENCE_IN_MS - silentForInMs, transport.signal);
    } else if (await answers(options)) {
      lost = 0;
    } else {
      lost += 1;
      if (lost >= PROBES_LOST_UNTIL_FAILURE) {
        transport.fail(new Error("The broker did not answer two probes in a row"));
      }
    }
  }
}

async function answers({ clock, transport, probe }: WatchLivenessOptions): Promise<boolean> {
  const abortSignals = [transport.signal];
  const subject = "life from the broker";
  try {
    await withDeadline({ clock, timeoutInMs: TIMEOUT_IN_MS, subject, abortSignals }, probe);
    return true;
  } catch {
    return false;
  }
}
