import { ServiceBusClient } from "@azure/service-bus";
import { BARE_COMMANDS, BARE_EVENTS, BARE_RETRY, bareSubscription } from "./bare-topology.ts";

/** Answers each message with a message of its own, as small and as soon as the SDK allows. */
export async function startBareReplica(
  connectionString: string,
  index: number,
): Promise<AsyncDisposable> {
  const client = new ServiceBusClient(connectionString, BARE_RETRY);
  const sender = client.createSender(BARE_EVENTS);
  const receiver = client.createReceiver(BARE_COMMANDS, bareSubscription(index), {
    receiveMode: "receiveAndDelete",
    skipParsingBodyAsJson: true,
  });
  await sender.createMessageBatch();
  receiver.subscribe({
    processMessage: async (message) => {
      await sender.sendMessages({ body: { round: message.messageId, index } });
    },
    processError: async () => undefined,
  });
  return { [Symbol.asyncDispose]: () => client.close() };
}
