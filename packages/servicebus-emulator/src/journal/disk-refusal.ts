import { AmqpError } from "../amqp/amqp-error.ts";
import { hasCode } from "./has-code.ts";

/** How Service Bus refuses what it cannot keep: a full disk as a full entity, anything else as its own failure. */
export function diskRefusal(cause: unknown): AmqpError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const text = `The broker cannot write its journal, so it takes no changes (${reason}).`;
  return hasCode(cause, "ENOSPC", "EDQUOT", "EFBIG")
    ? new AmqpError(
        "amqp:resource-limit-exceeded",
        `${text} Make room on the disk: it goes on by itself then.`,
        { cause },
      )
    : new AmqpError("amqp:internal-error", text, { cause });
}
