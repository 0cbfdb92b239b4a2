import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AmqpFuzzReport, fuzzAmqp } from "../support/amqp-fuzz/fuzz-amqp.ts";
import { createFuzzedEntities, deleteEntities } from "../support/amqp-fuzz/fuzzed-entities.ts";
import { conditionsIn, playConversation } from "../support/amqp-fuzz/play-conversation.ts";
import { recordConversations } from "../support/amqp-fuzz/record-conversations.ts";
import { type WireUnit, writeWireUnit } from "../support/amqp-fuzz/wire-unit.ts";
import { seeEntities } from "../support/broker-endpoints.ts";
import { IS_FULL_SIZE, readFuzzSeed } from "../support/fuzz/fuzz-seed.ts";
import { describeGrowth, growthOf } from "../support/fuzz/growth.ts";
import { HAS_PROC } from "../support/process-tree.ts";
import { connectClients, type ServiceBusClients } from "../support/service-bus-clients.ts";
import {
  type BrokerHolding,
  startWatchedBroker,
  type WatchedBroker,
} from "../support/start-watched-broker.ts";
import { startSteadyClient, type SteadyClient } from "../support/steady-client.ts";
import { waitFor } from "../support/wait-for.ts";

const CASES = IS_FULL_SIZE ? 80_000 : 1_500;
const SEED = readFuzzSeed();
const RUN_TIMEOUT_IN_MS = IS_FULL_SIZE ? 1_800_000 : 120_000;
/** Memory that the allocator keeps for later is no leak. */
const MOST_RESIDENT_GROWTH = 1.5;
/** In the short form the broker is still warming up: what it compiles and keeps for good comes within its first thousand. */
const MOST_REACHABLE_GROWTH = IS_FULL_SIZE ? 1.1 : 1.4;
/** There are half a dozen timers and sockets; one may just be on. Thousands of conversations that leave some behind are more. */
const MOST_RESOURCE_GROWTH = 2;

describe("the AMQP front end under frames that no client would send", () => {
  let broker: WatchedBroker;
  let clients: ServiceBusClients;
  let steady: SteadyClient;
  let conversations: readonly (readonly WireUnit[])[];
  let report: AmqpFuzzReport;
  let failures: readonly string[];
  const holdings: BrokerHolding[] = [];

  beforeAll(async () => {
    broker = await startWatchedBroker();
    clients = connectClients(broker);
    await createFuzzedEntities(clients.admin);
    conversations = await recordConversations(broker.connectionString);
    steady = await startSteadyClient(broker.connectionString);
    await renewEntities();
    const startedAtInMs = performance.now();
    report = await fuzzAmqp({
      seed: SEED,
      cases: CASES,
      port: broker.port,
      conversations,
      check: async () => {
        await renewEntities();
        await onlySteadyClientLeft();
        holdings.push(await broker.holding());
        return broker.isRunning ? [] : ["the broker is gone"];
      },
    });
    failures = await steady.stop();
    tell(report, steady.turns, performance.now() - startedAtInMs);
  }, RUN_TIMEOUT_IN_MS);

  afterAll(async () => {
    await clients?.[Symbol.asyncDispose]();
    await broker?.[Symbol.asyncDispose]();
  });

  async function renewEntities(): Promise<void> {
    await deleteEntities(clients.admin, { except: ["steady"] });
    await createFuzzedEntities(clients.admin);
  }

  async function onlySteadyClientLeft(): Promise<void> {
    await waitFor(async () => (await seeEntities(broker)).connections === 1, {
      what: "end of the connections that were fuzzed",
      timeoutInMs: 5_000,
    });
  }

  it("refuses what is wrong, and makes no mistake of its own", () => {
    expect(report.violations).toEqual([]);
    expect([...report.conditions.keys()]).toEqual(
      expect.arrayContaining([
        "amqp:decode-error",
        "amqp:connection:framing-error",
        "amqp:not-allowed",
        "amqp:not-found",
        "amqp:not-implemented",
        "amqp:unauthorized-access",
        "amqp:session:unattached-handle",
      ]),
    );
  });

  it("goes on serving a good client beside it", () => {
    expect(failures).toEqual([]);
    expect(steady.turns).toBeGreaterThan(holdings.length);
  });

  it("goes on in the same process, and has complained of nothing", () => {
    expect(broker).toMatchObject({ isRunning: true, output: "" });
  });

  it("holds nothing of it", async () => {
    await waitFor(async () => (await seeEntities(broker)).connections === 0, {
      what: "end of the good client's connection",
      timeoutInMs: 5_000,
    });
    const left = await seeEntities(broker);
    expect(left.links).toBe(0);
    expect(left.queues.map(({ name, links }) => [name, links])).toEqual([
      ["fuzz", 0],
      ["fuzz-sessions", 0],
    ]);
    const reachable = growthOf(holdings.map((one) => one.reachableInMb));
    const resources = growthOf(holdings.map((one) => one.resources));
    process.stdout.write(
      `reachable memory x${reachable.toFixed(3)}, resources x${resources.toFixed(2)}\n`,
    );
    expect(reachable).toBeLessThan(MOST_REACHABLE_GROWTH);
    expect(resources).toBeLessThan(MOST_RESOURCE_GROWTH);
  });

  it.skipIf(!HAS_PROC)("holds no more memory and files for it (needs /proc)", () => {
    const { resident, descriptors, line } = describeGrowth(holdings);
    process.stdout.write(line);
    expect(resident).toBeLessThan(MOST_RESIDENT_GROWTH);
    expect(descriptors).toBeLessThan(MOST_REACHABLE_GROWTH);
  });

  it("lets nobody in whose keys are wrong, whatever he sends", async () => {
    await renewEntities();
    const before = await seeEntities(broker);
    const refused = await fuzzAmqp({
      seed: SEED + 1,
      cases: CASES / 10,
      port: broker.port,
      conversations,
      disguise: withWrongSignatures,
      check: async () => [],
    });
    expect(refused.violations).toEqual([]);
    expect(refused.conditions.get("amqp:unauthorized-access")).toBeGreaterThan(0);
    await waitFor(async () => (await seeEntities(broker)).connections === 0, {
      what: "end of the connections",
      timeoutInMs: 5_000,
    });
    expect(await seeEntities(broker)).toEqual(before);
  });

  it("says of wrong keys and missing entities what they are", async () => {
    await renewEntities();
    for (const units of conversations) {
      const bytes = Buffer.concat(units.map(writeWireUnit));
      const wrongKey = await playConversation(broker.port, {
        bytes: withWrongSignatures(bytes),
        cuts: [],
      });
      expect(new Set(conditionsIn(wrongKey.received))).toEqual(
        new Set(["amqp:unauthorized-access"]),
      );
    }
    await deleteEntities(clients.admin, { except: [] });
    for (const units of conversations) {
      const bytes = Buffer.concat(units.map(writeWireUnit));
      const missing = await playConversation(broker.port, { bytes, cuts: [] });
      expect(conditionsIn(missing.received)).toContain("amqp:not-found");
      expect(missing.received.includes("could not be found")).toBe(true);
    }
  });
});

/** The same bytes with every signature changed, so that no length is another. */
function withWrongSignatures(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes.toString("latin1").replaceAll(/sig=[\w%]{12}/gu, "sig=AAAAAAAAAAAA"),
    "latin1",
  );
}

function tell(
  { conditions, bytesSent }: AmqpFuzzReport,
  turns: number,
  durationInMs: number,
): void {
  const rows = [...conditions].toSorted(([one], [other]) => one.localeCompare(other));
  process.stdout.write(
    `fuzzed with FLEETQUAKE_FUZZ_SEED=${SEED}: ${CASES} conversations, ${(bytesSent / 2 ** 20).toFixed(0)} MiB in ${(durationInMs / 1_000).toFixed(1)} s, ${turns} turns of a good client beside: ${rows.map(([condition, times]) => `${times} x ${condition}`).join(", ")}\n`,
  );
}
