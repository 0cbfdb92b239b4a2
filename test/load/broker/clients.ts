import type { ServiceBusClient } from "@azure/service-bus";
import { createServiceBusClient } from "@fleetquake/bus/client";
import {
  AnswerCount,
  type ClientKind,
  DRIVER,
  type FanOutDriver,
  replicaSubscription,
  topicsOf,
} from "./fan-out.ts";
import { readPlace, RheaClient } from "./rhea-client.ts";

const ANSWER = Buffer.from(JSON.stringify({ closed: 10 }));
const COMMAND = Buffer.from(JSON.stringify({ fault: "redis-reset" }));

/** Answers each command with a message of its own, at once. */
export async function startReplica(
  kind: ClientKind,
  connectionString: string,
  index: number,
): Promise<void> {
  const { commands, answers } = topicsOf(kind);
  if (kind === "rhea") {
    const client = await RheaClient.connect(readPlace(connectionString));
    const sender = await client.openSender(answers);
    const source = `${commands}/Subscriptions/${replicaSubscription(index)}`;
    await client.openReceiver(source, () => sender.send({ body: ANSWER }));
    return;
  }
  const client = await openSdkClient(connectionString);
  const sender = client.createSender(answers);
  const receiver = client.createReceiver(commands, replicaSubscription(index), {
    receiveMode: "receiveAndDelete",
    skipParsingBodyAsJson: true,
    skipConvertingDate: true,
  });
  await sender.createMessageBatch();
  receiver.subscribe({
    // As the fleet does, and as rhea's clients: the credit goes back with the answer, not after its receipt.
    processMessage: async () => void sender.sendMessages({ body: ANSWER }),
    processError: async () => undefined,
  });
}

export async function startDriver(
  kind: ClientKind,
  connectionString: string,
): Promise<FanOutDriver> {
  const count = new AnswerCount();
  const publish =
    kind === "rhea"
      ? await rheaPublisher(connectionString, count)
      : await sdkPublisher(connectionString, count);
  return {
    async round(replicas) {
      const answered = count.next(replicas);
      const startInMs = performance.now();
      await publish.send();
      await answered;
      return performance.now() - startInMs;
    },
    [Symbol.asyncDispose]: () => publish.close(),
  };
}

interface Publisher {
  send(): Promise<void>;
  close(): Promise<void>;
}

async function rheaPublisher(connectionString: string, count: AnswerCount): Promise<Publisher> {
  const { commands, answers } = topicsOf("rhea");
  const client = await RheaClient.connect(readPlace(connectionString));
  const sender = await client.openSender(commands);
  await client.openReceiver(`${answers}/Subscriptions/${DRIVER}`, () => count.take());
  return {
    send: async () => {
      sender.send({ body: COMMAND });
    },
    close: () => client[Symbol.asyncDispose](),
  };
}

async function sdkPublisher(connectionString: string, count: AnswerCount): Promise<Publisher> {
  const { commands, answers } = topicsOf("sdk");
  const client = await openSdkClient(connectionString);
  const sender = client.createSender(commands);
  const receiver = client.createReceiver(answers, DRIVER, {
    receiveMode: "receiveAndDelete",
    skipParsingBodyAsJson: true,
    skipConvertingDate: true,
  });
  await sender.createMessageBatch();
  receiver.subscribe(
    { processMessage: async () => count.take(), processError: async () => undefined },
    { maxConcurrentCalls: 100 },
  );
  return {
    send: () => sender.sendMessages({ body: COMMAND }),
    close: () => client.close(),
  };
}

/** The SDK's client as the fleet uses it: over a socket that does not wait for more to send. */
function openSdkClient(connectionString: string): Promise<ServiceBusClient> {
  const nothing = (): void => undefined;
  return createServiceBusClient(
    { connectionString },
    { opened: nothing, heard: nothing, closed: nothing },
  );
}
