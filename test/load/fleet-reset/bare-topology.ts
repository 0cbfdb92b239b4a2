/** Topics of the bus floor: beside the fleet's own on the same broker, used by nothing else. */
export const BARE_COMMANDS = "bench-commands";
export const BARE_EVENTS = "bench-events";

/** The subscription on {@link BARE_EVENTS} that counts the answers. */
export const BARE_COUNTER = "counter";

/** The subscription of one bare replica on {@link BARE_COMMANDS}. */
export function bareSubscription(index: number): string {
  return `bare-${index}`;
}

/** The SDK's options of the product, so that the floor differs from it in nothing but the work. */
export const BARE_RETRY = {
  retryOptions: { maxRetries: 3, retryDelayInMs: 200, timeoutInMs: 5_000 },
} as const;

/** Subject of a message upon which a bare replica resets its sockets before it answers. */
export const CLOSE_SUBJECT = "close";
