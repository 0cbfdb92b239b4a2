import { AmqpError } from "../amqp/amqp-error.ts";
import type { Fault } from "./fault.ts";
import type { DeliveryHold, OperationCredits } from "./fault-hooks.ts";
import { holdDeliveries } from "./hold-deliveries.ts";

/** What a namespace of the standard tier has. */
const standardCreditsPerSecond = 1000;
const maxCreditsPerSecond = 1_000_000;
const periodInMs = 1000;

/**
 * Operations cost credits, as in the standard tier
 * (learn.microsoft.com/azure/service-bus-messaging/service-bus-throttling): a message sent, received
 * or peeked 1, each filter of a topic 1 for a message, management 10. Credits are given anew each
 * second. Without any, senders and managers hear that the server is busy, and deliveries wait.
 */
export const throttle: Fault = {
  canLast: true,
  prepare: (options) => {
    const creditsPerSecond =
      options.wholeNumber("creditsPerSecond", { min: 1, max: maxCreditsPerSecond }) ??
      standardCreditsPerSecond;
    return (target) => {
      const budget = new CreditBudget(creditsPerSecond, () => target.clock.now());
      target.hooks.credits = budget;
      const release = holdDeliveries(target, budget);
      return {
        kind: "lasting",
        end: () => {
          target.hooks.credits = undefined;
          release();
        },
      };
    };
  },
};

/** The credits of the current second. */
class CreditBudget implements OperationCredits, DeliveryHold {
  readonly #perPeriod: number;
  readonly #now: () => number;
  #left: number;
  #periodEndsAt: number;

  constructor(perPeriod: number, now: () => number) {
    this.#perPeriod = perPeriod;
    this.#now = now;
    this.#left = perPeriod;
    this.#periodEndsAt = now() + periodInMs;
  }

  spend(credits: number): void {
    this.#renew(this.#now());
    if (this.#left <= 0) {
      throw new AmqpError(
        "com.microsoft:server-busy",
        "The request was terminated because the namespace is being throttled. Error code: 50009. Please wait 10 seconds and try again.",
      );
    }
    // An operation that begins with credit left is done, whatever it costs.
    this.#left -= credits;
  }

  charge(credits: number): void {
    this.#left -= credits;
  }

  waitInMs(_oldest: unknown, now: number): number {
    this.#renew(now);
    return this.#left > 0 ? 0 : Math.max(1, this.#periodEndsAt - now);
  }

  #renew(now: number): void {
    if (now >= this.#periodEndsAt) {
      this.#left = this.#perPeriod;
      this.#periodEndsAt = now + periodInMs;
    }
  }
}
