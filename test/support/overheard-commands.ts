import { ServiceBusClient, type ServiceBusMessage } from "@azure/service-bus";
import { TOPOLOGY } from "@fleetquake/bus";
import type { RunningBroker } from "@fleetquake/servicebus-emulator";
import { connectClients } from "./service-bus-clients.ts";

const SUBSCRIPTION = "overheard";
const WAIT_IN_MS = 10_000;

/** Somebody with every right on the bus and without the API's key: overhears the topic of commands, and sends to it. */
export interface OverheardCommands extends AsyncDisposable {
  /** The next message since the start, as it travelled. */
  next(): Promise<ServiceBusMessage>;
  send(message: ServiceBusMessage): Promise<void>;
}

/** Begins to listen to the topic of commands, which must be there. */
export async function overhearCommands(
  broker: Pick<RunningBroker, "connectionString">,
): Promise<OverheardCommands> {
  const clients = connectClients(broker);
  await clients.admin.createSubscription(TOPOLOGY.commandsTopic, SUBSCRIPTION);
  const ears = clients.client.createReceiver(TOPOLOGY.commandsTopic, SUBSCRIPTION, {
    receiveMode: "receiveAndDelete",
    skipParsingBodyAsJson: true,
  });
  const mouth = new ServiceBusClient(broker.connectionString);
  const sender = mouth.createSender(TOPOLOGY.commandsTopic);
  return {
    async next() {
      const [message] = await ears.receiveMessages(1, { maxWaitTimeInMs: WAIT_IN_MS });
      if (message === undefined) {
        throw new Error("no command was heard");
      }
      const { body, contentType, subject, applicationProperties } = message;
      return {
        body,
        ...(contentType !== undefined && { contentType }),
        ...(subject !== undefined && { subject }),
        ...(applicationProperties !== undefined && { applicationProperties }),
      };
    },
    send: (message) => sender.sendMessages(message),
    async [Symbol.asyncDispose]() {
      await Promise.all([mouth.close(), clients[Symbol.asyncDispose]()]);
    },
  };
}
