import { readFileSync } from "node:fs";

import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { allowEmulator, startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

it("runs the example of the README", async () => {
  // example
  await using broker = await startBroker();

  const admin = allowEmulator(new ServiceBusAdministrationClient(broker.connectionString));
  await admin.createTopic("greetings");
  await admin.createSubscription("greetings", "all");

  const client = new ServiceBusClient(broker.connectionString);
  await client.createSender("greetings").sendMessages({ body: "hello" });
  const [message] = await client.createReceiver("greetings", "all").receiveMessages(1);
  process.stdout.write(`${message?.body}\n`);
  await client.close();
  // end of example
  expect(message?.body).toBe("hello");
});

it("shows in the README what the test above runs", () => {
  const source = readFileSync(new URL(import.meta.url), "utf8");
  const example = source.split("  // example\n")[1]?.split("  // end of example\n")[0] ?? "";
  const readme = readFileSync(
    new URL("../../packages/servicebus-emulator/README.md", import.meta.url),
    "utf8",
  );
  expect(example).not.toBe("");
  expect(readme).toContain(example.replaceAll(/^ {2}/gmu, ""));
});
