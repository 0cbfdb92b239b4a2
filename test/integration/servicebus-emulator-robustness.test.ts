import { randomBytes, randomInt } from "node:crypto";
import { connect, createServer } from "node:net";

import { type RunningBroker, startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { connectClients } from "../support/service-bus-clients.ts";

const amqpHeader = Buffer.from("AMQP\u0000\u0001\u0000\u0000", "latin1");
const saslHeader = Buffer.from("AMQP\u0003\u0001\u0000\u0000", "latin1");

/** Opens a connection, sends bytes, and resolves when the broker has closed it or the time is over. */
function send(
  broker: RunningBroker,
  bytes: Buffer,
  patienceInMs = 10_000,
): Promise<"closed" | "open"> {
  return new Promise((resolve) => {
    const socket = connect(broker.port, "127.0.0.1", () => socket.write(bytes));
    const timer = setTimeout(() => {
      resolve("open");
      socket.destroy();
    }, patienceInMs);
    socket.resume();
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      clearTimeout(timer);
      resolve("closed");
    });
  });
}

function frame(body: Buffer, type = 0): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 2, type, 0, 0]);
  head.writeUInt32BE(body.length + 8);
  return Buffer.concat([head, body]);
}

async function expectService(broker: RunningBroker): Promise<void> {
  await using clients = connectClients(broker);
  await clients.client.createSender("probe").sendMessages({ body: "still here" });
  const [message] = await clients.client
    .createReceiver("probe", { receiveMode: "receiveAndDelete" })
    .receiveMessages(1, { maxWaitTimeInMs: 3000 });
  expect(message?.body).toBe("still here");
}

function startWithQueue(): Promise<RunningBroker> {
  return startBroker({ entities: { queues: [{ name: "q" }, { name: "probe" }] } });
}

/** The bytes that the real client sends while it sends and receives one message, by connection. */
async function recordClient(broker: RunningBroker): Promise<readonly Buffer[]> {
  const recordings: Buffer[][] = [];
  const proxy = createServer((wire) => {
    const chunks: Buffer[] = [];
    recordings.push(chunks);
    const target = connect(broker.port, "127.0.0.1");
    wire.on("data", (chunk: Buffer) => chunks.push(chunk));
    wire.pipe(target).pipe(wire);
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, "127.0.0.1", resolve);
  });
  const address = proxy.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const clients = connectClients({
    connectionString: broker.connectionString.replace(`:${broker.port}`, `:${String(port)}`),
  });
  await clients.client.createSender("q").sendMessages({ body: "recorded" });
  const receiver = clients.client.createReceiver("q");
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 3000 });
  if (message !== undefined) {
    await receiver.completeMessage(message);
  }
  await clients[Symbol.asyncDispose]();
  proxy.close();
  return recordings.map((chunks) => Buffer.concat(chunks));
}

it("closes a connection that speaks neither AMQP nor HTTP, and waits for one that has not begun", async () => {
  await using broker = await startWithQueue();
  expect(await send(broker, randomBytes(3).fill(0xff))).toBe("closed");
  expect(await send(broker, Buffer.from("\u0016\u0003\u0001", "latin1"))).toBe("closed");
  expect(await send(broker, Buffer.from("AM"), 200)).toBe("open");
  expect(await send(broker, Buffer.from("AMQP\u0000\u0000\u0009\u0001", "latin1"))).toBe("closed");
  await expectService(broker);
});

it("refuses hostile frames and sizes, and goes on serving", async () => {
  await using broker = await startWithQueue();
  const hostile: Readonly<Record<string, Buffer>> = {
    "a frame of four gigabytes": Buffer.from([0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0]),
    "a frame without length": Buffer.from([0, 0, 0, 0]),
    "a data offset beyond the frame": Buffer.from([0, 0, 0, 8, 9, 0, 0, 0]),
    "an array of four thousand million nulls": frame(
      Buffer.from([0, 0x53, 0x10, 0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x40]),
    ),
    "a list of four thousand million items": frame(
      Buffer.from([0, 0x53, 0x10, 0xd0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x40]),
    ),
    "descriptors without end": frame(Buffer.alloc(60_000)),
    "lists in lists": frame(
      Buffer.concat([
        Buffer.from([0, 0x53, 0x10]),
        ...Array.from({ length: 80 }, (_value, index) => Buffer.from([0xc0, 240 - 3 * index, 1])),
      ]),
    ),
    "a performative that is none": frame(Buffer.from([0, 0x53, 0x77, 0x45])),
    "a transfer without session": frame(Buffer.from([0, 0x53, 0x14, 0xc0, 2, 1, 0x43])),
    "an open without container": frame(Buffer.from([0, 0x53, 0x10, 0x45])),
    "a SASL frame after SASL": frame(Buffer.from([0, 0x53, 0x41, 0x45]), 1),
  };
  for (const [name, bytes] of Object.entries(hostile)) {
    const outcome = await send(broker, Buffer.concat([amqpHeader, bytes]));
    expect({ name, outcome }).toEqual({ name, outcome: "closed" });
  }
  const noMechanism = Buffer.from([0, 0x53, 0x41, 0xc0, 4, 1, 0xa3, 1, 0x58]);
  expect(await send(broker, Buffer.concat([saslHeader, frame(noMechanism, 1)]))).toBe("closed");
  await expectService(broker);
  await expect.poll(() => broker.describe().connections).toBe(0);
});

it("survives what a client sends with any of its bytes changed", async () => {
  await using broker = await startWithQueue();
  const recordings = await recordClient(broker);
  expect(recordings).not.toHaveLength(0);
  const attempts = 400;
  for (let attempt = 0; attempt < attempts; attempt += 20) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const bytes = Buffer.from(recordings[0] ?? "");
        for (let changes = randomInt(1, 4); changes > 0; changes -= 1) {
          bytes[randomInt(8, bytes.length)] = randomInt(256);
        }
        await send(broker, bytes, 30);
      }),
    );
  }
  await expectService(broker);
  await expect.poll(() => broker.describe().connections).toBe(0);
  await expect.poll(() => broker.describe().queues[0]?.links).toBe(0);
});

it("keeps nothing of a thousand garbage connections", async () => {
  await using broker = await startWithQueue();
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(
      Array.from({ length: 100 }, async (_value, index) => {
        const start = [amqpHeader, saslHeader, Buffer.from("GET "), Buffer.alloc(0)][index % 4];
        await send(broker, Buffer.concat([start ?? amqpHeader, randomBytes(200)]), 50);
      }),
    );
  }
  await expect.poll(() => broker.describe().connections).toBe(0);
  expect(broker.describe().links).toBe(0);
  await expectService(broker);
});

it("cuts every connection at once when it stops", async () => {
  const broker = await startWithQueue();
  const [recording] = await recordClient(broker);
  const ends = Array.from({ length: 50 }, () =>
    send(broker, recording?.subarray(0, 600) ?? amqpHeader, 5000),
  );
  await expect.poll(() => broker.describe().connections).toBe(50);
  const started = performance.now();
  await broker.stop();
  expect(await Promise.all(ends)).toEqual(ends.map(() => "closed"));
  expect(performance.now() - started).toBeLessThan(3 * 100);
});

it("says that an entity is missing at the first use, and which", async () => {
  await using broker = await startWithQueue();
  await using clients = connectClients(broker);
  const missing = {
    code: "MessagingEntityNotFound",
    message: expect.stringContaining(`sb://127.0.0.1:${broker.port}/missing`),
  };
  const started = performance.now();
  await expect(
    clients.client.createSender("missing").sendMessages({ body: 1 }),
  ).rejects.toMatchObject(missing);
  await expect(
    clients.client.createReceiver("missing", "s").receiveMessages(1, { maxWaitTimeInMs: 3000 }),
  ).rejects.toMatchObject(missing);
  expect(performance.now() - started).toBeLessThan(3 * 300);
});
