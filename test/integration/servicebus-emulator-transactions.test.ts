import { expect, it } from "vitest";
import type { AmqpNode } from "../support/amqp-fuzz/amqp-tree.ts";
import { createFuzzedEntities } from "../support/amqp-fuzz/fuzzed-entities.ts";
import { conditionsIn, playConversation } from "../support/amqp-fuzz/play-conversation.ts";
import { AMQP_HEADER, described, rawFrame } from "../support/amqp-fuzz/raw-frames.ts";
import { recordConversations } from "../support/amqp-fuzz/record-conversations.ts";
import { type WireUnit, writeWireUnit } from "../support/amqp-fuzz/wire-unit.ts";
import { seeEntities } from "../support/broker-endpoints.ts";
import { connectClients } from "../support/service-bus-clients.ts";
import { startWatchedBroker } from "../support/start-watched-broker.ts";

const TRANSFER = 0x14;
const DISPOSITION = 0x15;
const REFUSAL = "Transactions are not supported.";
const nothing: AmqpNode = { kind: "plain", bytes: Buffer.from([0x40]) };
/** A state that makes what is sent or settled part of a transaction (AMQP 1.0 part 4.5.8). */
const transactional = described(0x34, [{ kind: "plain", bytes: Buffer.from("a0027478", "hex") }]);

/** Whether a frame asks for something beside messages: it shows a key. */
function isToken(unit: WireUnit): boolean {
  return writeWireUnit(unit).includes("put-token");
}

/** The same frame with that state, if it is of this kind: the client itself has no transactions. */
function withTransaction(unit: WireUnit, code: number): WireUnit {
  const frame = unit.kind === "frame" ? unit.performative : undefined;
  if (unit.kind !== "frame" || frame?.kind !== "described" || frame.value.kind !== "list") {
    return unit;
  }
  const { descriptor, value } = frame;
  if (descriptor.kind !== "plain" || descriptor.bytes.at(-1) !== code) {
    return unit;
  }
  const at = code === TRANSFER ? 7 : 4;
  const items = Array.from({ length: Math.max(value.items.length, at + 1) }, (_value, index) =>
    index === at ? transactional : (value.items[index] ?? nothing),
  );
  return {
    ...unit,
    performative: { kind: "described", descriptor, value: { kind: "list", items } },
  };
}

it("refuses the coordinator of transactions, and says that there are none", async () => {
  await using broker = await startWatchedBroker();
  const { received } = await playConversation(broker.port, {
    bytes: Buffer.concat([
      AMQP_HEADER,
      rawFrame(0x10, ["wants-transactions"]),
      rawFrame(0x11, [null, 0, 200, 200]),
      rawFrame(0x12, ["coordinator", 0, false, null, null, null, described(0x30, [])]),
    ]),
    cuts: [],
  });
  expect(conditionsIn(received)).toEqual(["amqp:not-implemented"]);
  expect(received.includes(REFUSAL)).toBe(true);
});

it("refuses messages and settlements that belong to a transaction, and does nothing of it", async () => {
  await using broker = await startWatchedBroker();
  await using clients = connectClients(broker);
  await createFuzzedEntities(clients.admin);
  const [sending, receiving] = await recordConversations(broker.connectionString);
  const play = async (units: readonly WireUnit[], code: number): Promise<Buffer> => {
    const bytes = units.map((unit) =>
      writeWireUnit(isToken(unit) ? unit : withTransaction(unit, code)),
    );
    const { received } = await playConversation(broker.port, {
      bytes: Buffer.concat(bytes),
      cuts: [],
    });
    return received;
  };
  const holds = async (): Promise<unknown> =>
    (await seeEntities(broker)).queues.find(({ name }) => name === "fuzz")?.messages;
  const renew = async (): Promise<void> => {
    await clients.admin.deleteQueue("fuzz");
    await clients.admin.createQueue("fuzz");
  };
  await renew();
  const sent = await play(sending ?? [], TRANSFER);
  expect(countOf(sent, REFUSAL)).toBeGreaterThanOrEqual(2);
  const none = { available: 0, locked: 0, deferred: 0, scheduled: 0, deadLettered: 0 };
  expect(await holds()).toEqual(none);
  await renew();
  const settled = await play(receiving ?? [], DISPOSITION);
  expect(countOf(settled, REFUSAL)).toBe(4);
  // Nothing was completed, deferred or dead-lettered: the five are there, under the locks of who is gone.
  expect(await holds()).toEqual({ ...none, locked: 5 });
});

function countOf(bytes: Buffer, text: string): number {
  return bytes.toString("latin1").split(text).length - 1;
}
