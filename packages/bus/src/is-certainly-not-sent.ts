import { BusUnavailableError } from "@fleetquake/coordinator/ports";

/**
 * Refusals that the broker gives instead of taking a message, and states of the link in which the SDK writes nothing.
 * Not among them: `ServiceTimeout` and the broker's internal errors, which may come after it took the message.
 */
const REFUSALS: ReadonlySet<string> = new Set([
  "MessagingEntityNotFound",
  "MessagingEntityDisabled",
  "MessageSizeExceeded",
  "QuotaExceeded",
  "ServiceBusy",
  "UnauthorizedAccess",
]);

/** Refusals that the same message would meet again. */
const FOR_GOOD: ReadonlySet<string> = new Set([
  "MessageSizeExceeded",
  "MessagingEntityDisabled",
  "UnauthorizedAccess",
]);

/** How the SDK's messages begin when it had no link or no credit; it has no code of its own for them. */
const NOT_WRITTEN = /^(SenderBusyError|SenderNotReadyError|InsufficientCreditError)\b/;

/**
 * Whether a failed send certainly left no message at the broker. Whatever is not known to be so may have arrived: a
 * lost connection, a missing answer, an abort.
 */
export function isCertainlyNotSent(error: unknown): boolean {
  if (error instanceof AggregateError) {
    return error.errors.length > 0 && error.errors.every(isCertainlyNotSent);
  }
  if (!(error instanceof Error)) {
    return false;
  }
  const code = "code" in error ? String(error.code) : "";
  // A connection that never came to be carried nothing.
  const isConnectFailure = "syscall" in error && isConnecting(error.syscall);
  return REFUSALS.has(code) || isConnectFailure || NOT_WRITTEN.test(error.message);
}

/** Whether the same message may fare better at once: not where it was refused for good, nor where there is no bus. */
export function isWorthRetrying(error: unknown): boolean {
  if (error instanceof BusUnavailableError) {
    return false;
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return !FOR_GOOD.has(code);
}

function isConnecting(syscall: unknown): boolean {
  return syscall === "connect" || syscall === "getaddrinfo";
}
