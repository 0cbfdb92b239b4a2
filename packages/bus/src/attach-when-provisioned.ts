import type { Clock, Log } from "@fleetquake/contract";
import { hasCode } from "./has-code.ts";
import { pause } from "./pause.ts";
import type { Transport } from "./transport.ts";

const ATTEMPT_INTERVAL_IN_MS = 250;

/** An API replica that was not there for the first announcement hears a later one. */
const ANNOUNCE_INTERVAL_IN_MS = 5_000;

export interface AttachWhenProvisionedOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly transport: Transport;
  /** Rejects with `MessagingEntityNotFound` while there is no subscription. */
  readonly attach: () => Promise<unknown>;
  /** Lets the API replicas know that a subscription is missing. */
  readonly announce: () => void;
  readonly onAttached: () => void;
}

/**
 * Attaches to a subscription that somebody else creates when asked to; goes on until it exists or the transport ends.
 * Never rejects: what cannot be mended by waiting fails the transport.
 */
export async function attachWhenProvisioned(options: AttachWhenProvisionedOptions): Promise<void> {
  const { clock, transport } = options;
  let announceAtInMs = clock.monotonicInMs();
  while (!transport.signal.aborted) {
    try {
      await options.attach();
      if (!transport.signal.aborted) {
        options.onAttached();
      }
      return;
    } catch (error) {
      if (!hasCode(error, "MessagingEntityNotFound")) {
        transport.fail(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
    if (clock.monotonicInMs() >= announceAtInMs) {
      options.log.info("bus-subscription-missing");
      options.announce();
      announceAtInMs = clock.monotonicInMs() + ANNOUNCE_INTERVAL_IN_MS;
    }
    await pause(clock, ATTEMPT_INTERVAL_IN_MS, transport.signal);
  }
}
