import type { KeyObject } from "node:crypto";
import type { Clock, CommandMessage } from "@fleetquake/contract";
import { isSignedBy } from "./command-signature.ts";
import { LARGEST_BODY_IN_BYTES } from "./message-body.ts";
import type { ReceivedMessage } from "./subscription-receiver.ts";

export interface CommandCheckOptions {
  readonly keys: readonly KeyObject[];
  readonly clock: Clock;
  /** When the process started, by the clock's monotonic time. */
  readonly startedAtMonotonicInMs: number;
}

/**
 * Why a message on the topic of commands is not one of the API's, for a replica that has the API's public key.
 *
 * A signature does not age: what was signed once can be sent again by whoever overheard it. Within a process the
 * replica knows a command by its id and its epoch; a process that was started since knows neither, so that a command
 * from before its start is refused here. None can have been meant for it: the coordinator counts only replicas that
 * it has heard. Later than its expiry, no replica executes it anyway.
 */
export class CommandCheck {
  readonly #options: CommandCheckOptions;

  constructor(options: CommandCheckOptions) {
    this.#options = options;
  }

  /** @returns null for a body that one of the keys signed. */
  reasonAgainstBody({ body, signature }: ReceivedMessage): string | null {
    if (!(body instanceof Uint8Array) || body.byteLength > LARGEST_BODY_IN_BYTES) {
      // Whoever reads the body says what is wrong with it.
      return null;
    }
    if (signature === undefined) {
      return "the command is not signed";
    }
    return isSignedBy(body, signature, this.#options.keys)
      ? null
      : "the command's signature is not by a key of this fleet over this body";
  }

  /** @returns null for a message that is younger than the process. */
  reasonAgainstAge(message: CommandMessage, enqueuedAtInMs: number): string | null {
    if (message.type !== "command") {
      return null;
    }
    const { clock, startedAtMonotonicInMs } = this.#options;
    const ageInMs = clock.monotonicInMs() - startedAtMonotonicInMs;
    // By the broker's clock, as far as this delivery tells it: too early by the delivery's own time, never too late.
    return Date.parse(message.issued_at) < enqueuedAtInMs - ageInMs
      ? "the command was issued before this process started"
      : null;
  }
}
