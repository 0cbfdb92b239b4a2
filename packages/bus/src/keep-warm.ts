import type { Clock, Log } from "@fleetquake/contract";
import { pause } from "./pause.ts";
import type { Transport } from "./transport.ts";

/** Service Bus detaches a link that was idle for ten minutes; resets are rarer than that. */
const INTERVAL_IN_MS = 4 * 60_000;

export interface KeepWarmOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly transport: Transport;
  /** Opens what the next command will need. */
  readonly warmUp: (transport: Transport) => Promise<void>;
}

/** Keeps open what a command needs, at once and every four minutes. Ends with the transport; never rejects. */
export async function keepWarm(options: KeepWarmOptions): Promise<void> {
  const { clock, log, transport, warmUp } = options;
  while (!transport.signal.aborted) {
    try {
      await warmUp(transport);
    } catch (error) {
      if (!transport.signal.aborted) {
        log.warn("bus-not-warm", { error: String(error) });
      }
    }
    await pause(clock, INTERVAL_IN_MS, transport.signal);
  }
}
