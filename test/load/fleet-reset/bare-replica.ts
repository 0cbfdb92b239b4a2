import type { Socket } from "node:net";
import { ServiceBusClient } from "@azure/service-bus";
import {
  BARE_COMMANDS,
  BARE_EVENTS,
  BARE_RETRY,
  bareSubscription,
  CLOSE_SUBJECT,
} from "./bare-topology.ts";

/**
 * Answers each message with a message of its own, as small and as soon as the SDK allows; where the message asks for it,
 * resets the given sockets first with Node's own call.
 */
export async function startBareReplica(
  connectionString: string,
  index: number,
  sockets: ReadonlySet<Socket>,
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
      if (message.subject === CLOSE_SUBJECT) {
        for (const socket of sockets) {
          socket.resetAndDestroy();
        }
      }
      await sender.sendMessages({ body: { round: message.messageId, index } });
    },
    processError: async () => undefined,
  });
  return { [Symbol.asyncDispose]: () => client.close() };
}
