import type { ServiceBusMessage } from "@azure/service-bus";
import type { Clock } from "@fleetquake/contract";
import type { BusTopic } from "./bus-administration.ts";
import { hasCode } from "./has-code.ts";
import { isCertainlyNotSent, isWorthRetrying } from "./is-certainly-not-sent.ts";
import type { LiveConnection } from "./live-connection.ts";
import type { EndSignal } from "./operation-signal.ts";
import { pause } from "./pause.ts";
import type { Transport } from "./transport.ts";
import { withDeadline } from "./with-deadline.ts";

const RETRY_DELAY_IN_MS = 200;

/** What came of a publish. */
export type PublishResult =
  | { readonly outcome: "settled" }
  /** Certainly nothing reached the broker. */
  | { readonly outcome: "not-sent"; readonly cause: unknown }
  /** The message was, or may have been, on its way when the answer failed to come. */
  | { readonly outcome: "unknown"; readonly cause: unknown };

export interface PublishMessageOptions {
  readonly clock: Clock;
  readonly topic: BusTopic;
  readonly timeoutInMs: number;
  /** Only what was certainly not sent is tried again. */
  readonly maxRetries: number;
  readonly abortSignal?: AbortSignal | undefined;
}

/** Publishes one message and says what is known of it. Never throws; ends by its timeout. */
export async function publishMessage(
  live: LiveConnection,
  message: ServiceBusMessage,
  options: PublishMessageOptions,
): Promise<PublishResult> {
  const { clock, timeoutInMs, maxRetries } = options;
  const deadlineInMs = clock.monotonicInMs() + timeoutInMs;
  let result: PublishResult = { outcome: "not-sent", cause: new Error("No time to publish") };
  for (let attempt = 0; attempt <= maxRetries; attempt += 1) {
    const leftInMs = deadlineInMs - clock.monotonicInMs();
    if (leftInMs <= 0 || options.abortSignal?.aborted === true) {
      return result;
    }
    result = await attemptOnce(live, message, { ...options, timeoutInMs: leftInMs });
    if (result.outcome !== "not-sent" || !isWorthRetrying(result.cause) || attempt === maxRetries) {
      return result;
    }
    if (hasCode(result.cause, "MessagingEntityNotFound")) {
      live.rebuild(`The topic ${options.topic} is gone`);
    }
    const delayInMs = Math.min(RETRY_DELAY_IN_MS, deadlineInMs - clock.monotonicInMs());
    await pause(clock, delayInMs, options.abortSignal);
  }
  return result;
}

async function attemptOnce(
  live: LiveConnection,
  message: ServiceBusMessage,
  options: PublishMessageOptions,
): Promise<PublishResult> {
  const { clock, topic, timeoutInMs, abortSignal } = options;
  const deadlineInMs = clock.monotonicInMs() + timeoutInMs;
  let transport: Transport;
  try {
    transport = await live.transport(options.maxRetries === 0 ? 0 : timeoutInMs, abortSignal);
    // Whatever fails up to here failed before the message was written. Asking costs as much as sending: only in doubt.
    if (!transport.isSenderOpen(topic)) {
      await inTime(
        transport,
        { ...options, timeoutInMs: deadlineInMs - clock.monotonicInMs() },
        (signal) => transport.openSender(topic, signal),
      );
    }
  } catch (cause) {
    return { outcome: "not-sent", cause };
  }
  try {
    await inTime(
      transport,
      { ...options, timeoutInMs: deadlineInMs - clock.monotonicInMs() },
      (signal) => transport.sender(topic).sendMessages(message, { abortSignal: signal }),
    );
    return { outcome: "settled" };
  } catch (cause) {
    transport.doubtSender(topic);
    return { outcome: isCertainlyNotSent(cause) ? "not-sent" : "unknown", cause };
  }
}

function inTime<T>(
  transport: Transport,
  options: PublishMessageOptions,
  run: (abortSignal: EndSignal) => Promise<T>,
): Promise<T> {
  return withDeadline(
    {
      clock: options.clock,
      timeoutInMs: options.timeoutInMs,
      subject: "the broker's answer",
      abortSignals: [transport.signal, options.abortSignal],
    },
    run,
  );
}
