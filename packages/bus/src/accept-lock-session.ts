import type { ServiceBusSessionReceiver } from "@azure/service-bus";
import type { Clock } from "@fleetquake/contract";
import { BusUnavailableError, LockContendedError } from "@fleetquake/coordinator/ports";
import type { BusAdministration } from "./bus-administration.ts";
import { hasCode } from "./has-code.ts";
import type { LiveConnection } from "./live-connection.ts";
import { pause } from "./pause.ts";
import { TOPOLOGY } from "./topology.ts";
import type { Transport } from "./transport.ts";
import { DeadlineExceededError, withDeadline } from "./with-deadline.ts";

/** A lock is held for some ten milliseconds; whoever waits asks again after about as long, then less and less often. */
const FIRST_BACK_OFF_IN_MS = 8;
const LONGEST_BACK_OFF_IN_MS = 64;

export interface AcceptLockSessionOptions {
  readonly live: LiveConnection;
  readonly administration: BusAdministration;
  readonly clock: Clock;
  readonly sessionId: string;
  readonly timeoutInMs: number;
  readonly abortSignal?: AbortSignal | undefined;
}

/** A session whose lock we hold. */
export interface LockSession {
  readonly transport: Transport;
  readonly receiver: ServiceBusSessionReceiver;
}

/**
 * Takes the lock of a session, however often somebody else is found to hold it until the time is over.
 * @throws {LockContendedError} when somebody held it to the end.
 * @throws {BusUnavailableError} when the bus did not answer.
 */
export async function acceptLockSession(options: AcceptLockSessionOptions): Promise<LockSession> {
  const { clock, live, abortSignal } = options;
  const deadlineInMs = clock.monotonicInMs() + options.timeoutInMs;
  let contention: unknown;
  let backOffInMs = FIRST_BACK_OFF_IN_MS;
  for (;;) {
    const leftInMs = deadlineInMs - clock.monotonicInMs();
    if (leftInMs <= 0 && contention !== undefined) {
      throw new LockContendedError("Somebody else holds the lock", { cause: contention });
    }
    const transport = await live.transport(leftInMs, abortSignal);
    try {
      return { transport, receiver: await acceptOnce(transport, options, leftInMs) };
    } catch (error) {
      abortSignal?.throwIfAborted();
      if (hasCode(error, "SessionCannotBeLocked")) {
        contention = error;
        await pause(clock, backOffInMs * (0.5 + Math.random()), abortSignal);
        backOffInMs = Math.min(LONGEST_BACK_OFF_IN_MS, backOffInMs * 2);
      } else if (!(await isMendable(error, transport, options))) {
        throw contention !== undefined && error instanceof DeadlineExceededError
          ? new LockContendedError("Somebody else holds the lock", { cause: contention })
          : new BusUnavailableError("The lock could not be taken", { cause: error });
      }
    }
  }
}

/** Takes the lock if it is free. */
export function acceptOnce(
  transport: Transport,
  options: Pick<AcceptLockSessionOptions, "clock" | "sessionId" | "abortSignal">,
  timeoutInMs: number,
): Promise<ServiceBusSessionReceiver> {
  return withDeadline(
    {
      clock: options.clock,
      timeoutInMs,
      subject: "the lock",
      abortSignals: [transport.signal, options.abortSignal],
    },
    (abortSignal) =>
      transport.client.acceptSession(TOPOLOGY.locksQueue, options.sessionId, {
        abortSignal,
        // A holder that hangs shall lose its lock.
        maxAutoLockRenewalDurationInMs: 0,
      }),
  );
}

/** A lost connection is replaced, a forgotten queue created again; both are bounded by the deadline. */
async function isMendable(
  error: unknown,
  transport: Transport,
  options: AcceptLockSessionOptions,
): Promise<boolean> {
  if (transport.signal.aborted) {
    return true;
  }
  if (!hasCode(error, "MessagingEntityNotFound") || !options.administration.createsTopics) {
    return false;
  }
  try {
    await options.administration.ensureTopology(options.abortSignal);
    return true;
  } catch (cause) {
    throw new BusUnavailableError("The queue of locks could not be created", { cause });
  }
}
