import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it } from "vitest";

import { freePort } from "../support/free-port.ts";
import { connectClients } from "../support/service-bus-clients.ts";
import {
  emulatorKey,
  runEmulator,
  startEmulator,
  type StartedEmulatorProcess,
} from "../support/start-emulator-process.ts";

const directory = mkdtempSync(join(tmpdir(), "servicebus-emulator-"));

const properties = {
  DeadLetteringOnMessageExpiration: false,
  DefaultMessageTimeToLive: "PT1H",
  ForwardDeadLetteredMessagesTo: "",
  ForwardTo: "",
  LockDuration: "PT1M",
  MaxDeliveryCount: 3,
  RequiresSession: false,
};

const duplicates = {
  DuplicateDetectionHistoryTimeWindow: "PT20S",
  RequiresDuplicateDetection: false,
};

/** What somebody has who runs Microsoft's emulator. */
const config = {
  UserConfig: {
    Namespaces: [
      {
        Name: "sbemulatorns",
        Queues: [{ Name: "orders", Properties: { ...properties, ...duplicates } }],
        Topics: [
          {
            Name: "news",
            Properties: { DefaultMessageTimeToLive: "PT1H", ...duplicates },
            Subscriptions: [
              {
                Name: "red",
                Properties: properties,
                Rules: [
                  {
                    Name: "red-only",
                    Properties: {
                      FilterType: "Correlation",
                      CorrelationFilter: { Properties: { colour: "red" } },
                    },
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
    Logging: { Type: "File" },
  },
};

function configFile(content: unknown): string {
  const file = join(directory, `config-${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const wait = { maxWaitTimeInMs: 3000 };

function basic(key: string): { readonly authorization: string } {
  const credentials = Buffer.from(`RootManageSharedAccessKey:${key}`).toString("base64");
  return { authorization: `Basic ${credentials}` };
}

it("prints its options for --help, and starts nothing", async () => {
  await using emulator = runEmulator(["--help"], {});
  expect(await emulator.exited()).toBe(0);
  expect(emulator.stdout).toContain("Usage: servicebus-emulator");
});

it("starts the entities of Microsoft's config.json for the connection strings that it prints", async () => {
  await using emulator = await startEmulator(["--config", configFile(config)]);
  await using clients = connectClients({ connectionString: emulator.printed("ServiceBusClient") });
  await clients.client.createSender("orders").sendMessages({ body: 1 });
  await clients.client.createSender("news").sendMessages([
    { body: "no", applicationProperties: { colour: "blue" } },
    { body: "yes", applicationProperties: { colour: "red" } },
  ]);
  const received = await clients.client.createReceiver("news", "red").receiveMessages(2, wait);
  expect(received.map(({ body }) => body)).toEqual(["yes"]);
  expect(await clients.admin.getQueue("orders")).toMatchObject({ maxDeliveryCount: 3 });
});

it("forwards, drops duplicates and changes messages as config.json says", async () => {
  const rule = {
    Name: "large",
    Properties: {
      FilterType: "Sql",
      SqlFilter: { SqlExpression: "size > 3" },
      Action: { SqlExpression: "SET size = size * 2" },
    },
  };
  const namespace = {
    Name: "sbemulatorns",
    Queues: [
      {
        Name: "in",
        Properties: {
          ForwardTo: "news",
          RequiresDuplicateDetection: true,
          DuplicateDetectionHistoryTimeWindow: "PT5S",
        },
      },
      { Name: "out" },
    ],
    Topics: [
      {
        Name: "news",
        Subscriptions: [{ Name: "s", Properties: { ForwardTo: "out" }, Rules: [rule] }],
      },
    ],
  };
  const file = configFile({
    UserConfig: { Namespaces: [namespace], Logging: { Type: "File" } },
  });
  await using emulator = await startEmulator(["--config", file]);
  await using clients = connectClients({ connectionString: emulator.printed("ServiceBusClient") });
  const messages = [3, 4, 4].map((size) => ({
    body: "",
    messageId: size,
    applicationProperties: { size },
  }));
  await clients.client.createSender("in").sendMessages(messages);
  const receiver = clients.client.createReceiver("out", { receiveMode: "receiveAndDelete" });
  const [message] = await receiver.receiveMessages(1, wait);
  expect(message?.applicationProperties).toMatchObject({ size: 8 });
  expect(await receiver.peekMessages(2)).toEqual([]);
  const queue = await clients.admin.getQueue("in");
  const window = { duplicateDetectionHistoryTimeWindow: "PT5S" };
  expect(queue).toMatchObject({ ...window, forwardTo: expect.stringMatching(/news$/u) });
  // Azure has no window below 20 s: the one from the file may stay, another one is refused.
  expect(await clients.admin.updateQueue({ ...queue, maxDeliveryCount: 7 })).toMatchObject(window);
  const shorter = { ...queue, duplicateDetectionHistoryTimeWindow: "PT6S" };
  await expect(clients.admin.updateQueue(shorter)).rejects.toMatchObject({ statusCode: 400 });
});

it("serves the admin client, its health and its entities on the admin port", async () => {
  const port = String(await freePort());
  const adminPort = String(await freePort());
  await using emulator = await startEmulatorAt(port, adminPort);
  expect(emulator.printed("ServiceBusAdministrationClient")).toContain(`:${adminPort};`);
  await using clients = connectClients({
    connectionString: emulator.printed("ServiceBusAdministrationClient"),
  });
  expect(await clients.admin.queueExists("orders")).toBe(true);
  const health = await fetch(emulator.printed("Health"));
  expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
  const entities = await fetch(emulator.printed("Entities"), { headers: basic(emulatorKey) });
  expect(await entities.json()).toMatchObject({
    connections: 0,
    queues: [{ name: "orders", messages: { available: 0, locked: 0, deadLettered: 0 } }],
    topics: [{ name: "news", subscriptions: [{ name: "red", rules: ["red-only"] }] }],
  });
});

async function startEmulatorAt(port: string, adminPort: string): Promise<StartedEmulatorProcess> {
  const args = ["--port", port, "--admin-port", adminPort, "--show-key"];
  const emulator = runEmulator([...args, "--config", configFile(config)]);
  await expect.poll(() => emulator.printed("Entities"), { timeout: 10_000 }).not.toBe("");
  return emulator;
}

it("keeps its entities from whoever has no key with Manage, and takes only GET there", async () => {
  await using emulator = await startEmulator([]);
  const url = emulator.printed("Entities");
  for (const headers of [{}, basic("wrong"), { authorization: "Basic !" }]) {
    const refused = await fetch(url, { headers });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(await refused.text()).toContain("right Manage");
  }
  const posted = await fetch(url, { method: "POST", headers: basic(emulatorKey) });
  expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

it("leaves the names health and entities to queues of the SDK", async () => {
  await using emulator = await startEmulator([]);
  await using clients = connectClients({ connectionString: emulator.printed("ServiceBusClient") });
  await clients.admin.createQueue("health");
  await clients.admin.createQueue("entities");
  expect(await clients.admin.getQueue("health")).toMatchObject({ name: "health" });
});

it("shows no key unless it is asked to", async () => {
  await using emulator = runEmulator(["--port", "0", "--admin-port", "0"]);
  await expect.poll(() => emulator.printed("Entities"), { timeout: 10_000 }).not.toBe("");
  expect(emulator.printed("ServiceBusClient")).toContain("SharedAccessKey=***");
  expect(emulator.stdout + emulator.stderr).not.toContain(emulatorKey);
});

it("ends with 1 and every mistake on a line of its own", async () => {
  const file = configFile({ UserConfig: { Namespaces: [{ Queues: [{ Name: "q", Colour: 1 }] }] } });
  await using emulator = runEmulator(["--port", "x", "--config", file, "--colour"], {});
  expect(await emulator.exited()).toBe(1);
  expect(emulator.stderr.trim().split("\n")).toEqual([
    "servicebus-emulator: --colour is not known; see --help.",
    "servicebus-emulator: --port must be a number from 0 to 65535, not 'x'.",
    expect.stringContaining("Set SERVICEBUS_EMULATOR_KEY"),
    "servicebus-emulator: --config: UserConfig.Namespaces[0].Queues[0].Colour is not one of Name, Properties.",
  ]);
});

it.each(["SIGTERM", "SIGINT"] as const)(
  "ends with 0 within 5 s of %s, also when it comes twice and clients are connected",
  async (signal) => {
    await using emulator = await startEmulator(["--config", configFile(config)]);
    await using clients = connectClients({
      connectionString: emulator.printed("ServiceBusClient"),
    });
    await clients.client.createSender("orders").sendMessages({ body: 1 });
    const started = performance.now();
    emulator.child.kill(signal);
    emulator.child.kill(signal);
    expect(await emulator.exited()).toBe(0);
    expect(performance.now() - started).toBeLessThan(5000);
  },
);
