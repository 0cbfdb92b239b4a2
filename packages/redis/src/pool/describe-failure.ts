import { ReplyError } from "ioredis";
import { RedisOperationError } from "./redis-operation-error.ts";

/**
 * Turns whatever an operation failed with into an error that may be shown and logged.
 * @param secrets texts that must not appear, whatever a library puts into its messages.
 */
export function describeFailure(error: unknown, secrets: readonly string[]): RedisOperationError {
  if (error instanceof RedisOperationError) {
    return error;
  }
  const source = firstOf(error);
  const message = mask(source.message, secrets);
  const code = "code" in source && typeof source.code === "string" ? source.code : undefined;
  const cause = Object.assign(new Error(message), {
    name: source.name,
    ...(code === undefined ? {} : { code }),
  });
  return new RedisOperationError(message, {
    cause,
    isConnectionFailure: !(source instanceof ReplyError),
  });
}

/** Several addresses were tried and none answered: Node's error for that has no message of its own. */
function firstOf(error: unknown): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return error.errors[0];
  }
  return error instanceof Error ? error : new Error(String(error));
}

function mask(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const secret of secrets) {
    masked = secret === "" ? masked : masked.replaceAll(secret, "***");
  }
  return masked === "" ? "the connection failed" : masked;
}
