import { afterAll, beforeAll, describe } from "vitest";
import type { ConformanceBroker } from "./conformance-broker.ts";
import { describeLock } from "./describe-lock.ts";
import { describeMessages } from "./describe-messages.ts";
import { describeRestart } from "./describe-restart.ts";
import { describeSubscriptions } from "./describe-subscriptions.ts";

/**
 * Describes, as a vitest suite, what a fleet needs from a broker: any that is given by connection or connection string.
 * It uses the fleet's own topics, so that no fleet should run on the broker meanwhile.
 */
export function describeBusConformance(
  name: string,
  startBroker: () => Promise<ConformanceBroker>,
): void {
  describe(`conformance of ${name}`, () => {
    let broker: ConformanceBroker;
    beforeAll(async () => {
      broker = await startBroker();
    });
    afterAll(() => broker[Symbol.asyncDispose]());
    describeMessages(() => broker);
    describeSubscriptions(() => broker);
    describeLock(() => broker);
    describeRestart(() => broker);
  });
}
