import { ServiceBusClient } from "@azure/service-bus";
import {
  BARE_COMMANDS,
  BARE_COUNTER,
  BARE_EVENTS,
  BARE_RETRY,
  CLOSE_SUBJECT,
} from "./bare-topology.ts";

/** The bus floor: one publish, and as many bare answers as there are replicas. */
export interface BareCounter extends AsyncDisposable {
  /** One round in milliseconds; `closes`: every replica resets its sockets before it answers. */
  round(replicas: number, options: { readonly closes: boolean }): Promise<number>;
}

const ROUND_TIMEOUT_IN_MS = 30_000;

export async function startBareCounter(connectionString: string): Promise<BareCounter> {
  const client = new ServiceBusClient(connectionString, BARE_RETRY);
  const sender = client.createSender(BARE_COMMANDS);
  const receiver = client.createReceiver(BARE_EVENTS, BARE_COUNTER, {
    receiveMode: "receiveAndDelete",
  });
  await sender.createMessageBatch();
  let missing = 0;
  let finish: () => void = () => undefined;
  receiver.subscribe(
    {
      processMessage: async () => {
        missing -= 1;
        if (missing === 0) {
          finish();
        }
      },
      processError: async () => undefined,
    },
    { maxConcurrentCalls: 100 },
  );
  let rounds = 0;
  return {
    async round(replicas, { closes }) {
      missing = replicas;
      const done = new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${missing} of ${replicas} bare answers are missing`)),
          ROUND_TIMEOUT_IN_MS,
        );
        finish = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      const startInMs = performance.now();
      rounds += 1;
      await sender.sendMessages({
        messageId: `round-${rounds}`,
        body: { rounds },
        ...(closes && { subject: CLOSE_SUBJECT }),
      });
      await done;
      return performance.now() - startInMs;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
