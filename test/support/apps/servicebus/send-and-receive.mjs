// Uses the unmodified SDK, as an application does: a queue made, a message sent and received.
import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";

const [connectionString, adminConnectionString] = process.argv.slice(2);
await new ServiceBusAdministrationClient(adminConnectionString).createQueue("over-tls");
const client = new ServiceBusClient(connectionString, {
  retryOptions: { maxRetries: 0, timeoutInMs: 5000 },
});
await client.createSender("over-tls").sendMessages({ body: "hello" });
const receiver = client.createReceiver("over-tls", { receiveMode: "receiveAndDelete" });
const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 3000 });
await client.close();
process.stdout.write(`${message?.body}\n`);
