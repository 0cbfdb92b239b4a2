import { createHmac } from "node:crypto";

import { ServiceBusClient } from "@azure/service-bus";
import {
  type BrokerOptions,
  type RunningBroker,
  startBroker,
} from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { connectClients } from "../support/service-bus-clients.ts";

const key = "a key for tests, nothing more";

const options: BrokerOptions = {
  sharedAccessKey: key,
  sharedAccessPolicies: [
    { name: "sender", key: "send", rights: ["Send"] },
    { name: "listener", key: "listen", rights: ["Listen"] },
  ],
  entities: { queues: [{ name: "q" }, { name: "other" }] },
};

function connectAs(
  broker: RunningBroker,
  name: string,
  secret: string,
): ReturnType<typeof connectClients> {
  return connectClients({
    connectionString: `Endpoint=sb://127.0.0.1:${broker.port};SharedAccessKeyName=${name};SharedAccessKey=${secret};UseDevelopmentEmulator=true`,
  });
}

/** A client whose only credential is one signature, for one resource and until one moment. */
function connectWithToken(
  broker: RunningBroker,
  resource: string,
  expiresInS: number,
): ServiceBusClient {
  const sr = encodeURIComponent(resource);
  const se = Math.floor(Date.now() / 1000) + expiresInS;
  const sig = encodeURIComponent(createHmac("sha256", key).update(`${sr}\n${se}`).digest("base64"));
  const token = `SharedAccessSignature sr=${sr}&sig=${sig}&se=${se}&skn=RootManageSharedAccessKey`;
  return new ServiceBusClient(
    `Endpoint=sb://127.0.0.1:${broker.port};SharedAccessSignature=${token};UseDevelopmentEmulator=true`,
    { retryOptions: { maxRetries: 0, timeoutInMs: 5000 } },
  );
}

const unauthorized = { code: "UnauthorizedAccess" };
const wait = { maxWaitTimeInMs: 3000 };

it("makes a key of 256 random bits at each start, and keeps the one it is given", async () => {
  await using one = await startBroker();
  await using two = await startBroker();
  const keyOf = (broker: RunningBroker): string =>
    /SharedAccessKey=(?<key>[^;]+)/u.exec(broker.connectionString)?.groups?.["key"] ?? "";
  expect(Buffer.from(keyOf(one), "base64")).toHaveLength(32);
  expect(keyOf(one)).not.toBe(keyOf(two));
  await using fixed = await startBroker(options);
  expect(keyOf(fixed)).toBe(key);
});

it("refuses a wrong key and an unknown one, over AMQP and over HTTP", async () => {
  await using broker = await startBroker(options);
  for (const name of ["RootManageSharedAccessKey", "nobody"]) {
    await using clients = connectAs(broker, name, "wrong");
    await expect(clients.client.createSender("q").sendMessages({ body: 1 })).rejects.toMatchObject(
      unauthorized,
    );
    await expect(clients.admin.getQueue("q")).rejects.toMatchObject({
      code: "UnauthorizedRequestError",
      statusCode: 401,
    });
  }
});

it("lets a key do only what its rights allow", async () => {
  await using broker = await startBroker(options);
  await using sender = connectAs(broker, "sender", "send");
  await using listener = connectAs(broker, "listener", "listen");
  await sender.client.createSender("q").sendMessages({ body: 1 });
  await expect(sender.client.createReceiver("q").receiveMessages(1, wait)).rejects.toMatchObject(
    unauthorized,
  );
  await expect(sender.client.createReceiver("q").peekMessages(1)).rejects.toMatchObject(
    unauthorized,
  );
  expect(await listener.client.createReceiver("q").receiveMessages(1, wait)).toHaveLength(1);
  await expect(sender.admin.getQueue("q")).rejects.toMatchObject({ statusCode: 401 });
  await expect(listener.admin.createQueue("new")).rejects.toMatchObject({ statusCode: 401 });
});

it("does not let a client send that may only listen", async () => {
  await using broker = await startBroker(options);
  await using listener = connectAs(broker, "listener", "listen");
  await expect(listener.client.createSender("q").sendMessages({ body: 1 })).rejects.toThrow(
    /claim|cannot send/u,
  );
  expect(broker.describe().queues[0]?.messages.available).toBe(0);
});

it("takes a token for one entity there and nowhere else, and no token that has expired", async () => {
  await using broker = await startBroker(options);
  const scoped = connectWithToken(broker, `sb://127.0.0.1:${broker.port}/q`, 60);
  await scoped.createSender("q").sendMessages({ body: 1 });
  await expect(scoped.createReceiver("other").receiveMessages(1, wait)).rejects.toMatchObject(
    unauthorized,
  );
  await scoped.close();
  const late = connectWithToken(broker, `sb://127.0.0.1:${broker.port}/q`, -1);
  await expect(late.createSender("q").sendMessages({ body: 1 })).rejects.toMatchObject(
    unauthorized,
  );
  await late.close();
});

it("detaches a link when its token expires and is not renewed", async () => {
  await using broker = await startBroker(options);
  const brief = connectWithToken(broker, `sb://127.0.0.1:${broker.port}/q`, 2);
  const errors: unknown[] = [];
  brief.createReceiver("q").subscribe({
    processMessage: async () => undefined,
    processError: async ({ error }) => {
      errors.push(error);
    },
  });
  await expect.poll(() => broker.describe().queues[0]?.links).toBe(1);
  await expect.poll(() => errors, { timeout: 6000 }).not.toHaveLength(0);
  expect(errors[0]).toMatchObject(unauthorized);
  expect(broker.describe().queues[0]?.links).toBe(0);
  await brief.close();
});

it("listens on loopback only", async () => {
  await expect(startBroker({ host: "0.0.0.0" })).rejects.toThrow("loopback");
});

it("comes back on the same port with the same key, and says so when the port is taken", async () => {
  const first = await startBroker(options);
  const { port, connectionString } = first;
  await expect(startBroker({ port })).rejects.toThrow(`127.0.0.1:${port}`);
  await first.stop();
  await first.stop();
  await using second = await startBroker({ ...options, port });
  expect(second.connectionString).toBe(connectionString);
  await using clients = connectClients({ connectionString });
  await clients.client.createSender("q").sendMessages({ body: 1 });
});

it("serves the admin REST on a second port when one is asked for", async () => {
  const probe = await startBroker();
  const adminPort = probe.port;
  await probe.stop();
  await using broker = await startBroker({ ...options, adminPort });
  expect(broker.adminPort).toBe(adminPort);
  await using clients = connectClients({ connectionString: broker.adminConnectionString });
  expect(await clients.admin.queueExists("q")).toBe(true);
});
