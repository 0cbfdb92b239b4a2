import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdminFuzzReport, fuzzAdmin } from "../support/admin-fuzz/fuzz-admin.ts";
import { recordAdminRequests } from "../support/admin-fuzz/record-admin-requests.ts";
import type { RecordedRequest } from "../support/admin-fuzz/recorded-request.ts";
import { deleteEntities } from "../support/amqp-fuzz/fuzzed-entities.ts";
import { BROKER_CREDENTIALS, endFaults, seeEntities } from "../support/broker-endpoints.ts";
import { IS_FULL_SIZE, readFuzzSeed } from "../support/fuzz/fuzz-seed.ts";
import { describeGrowth, growthOf } from "../support/fuzz/growth.ts";
import { HAS_PROC } from "../support/process-tree.ts";
import { connectClients, type ServiceBusClients } from "../support/service-bus-clients.ts";
import {
  type BrokerHolding,
  startWatchedBroker,
  type WatchedBroker,
  WATCHED_BROKER_KEY,
} from "../support/start-watched-broker.ts";
import { waitFor } from "../support/wait-for.ts";

const CASES = IS_FULL_SIZE ? 20_000 : 1_000;
const SEED = readFuzzSeed();
const RUN_TIMEOUT_IN_MS = IS_FULL_SIZE ? 1_800_000 : 120_000;
const WAIT = { maxWaitTimeInMs: 10_000 };
/** Memory that the allocator keeps for later is no leak. */
const MOST_RESIDENT_GROWTH = 1.5;
/** In the short form the processes are still warming up. */
const MOST_REACHABLE_GROWTH = IS_FULL_SIZE ? 1.1 : 1.4;

describe("the admin endpoint under requests that no client would send", () => {
  let broker: WatchedBroker;
  let clients: ServiceBusClients;
  let requests: readonly RecordedRequest[];
  let report: AdminFuzzReport;
  let turns = 0;
  const holdings: BrokerHolding[] = [];

  beforeAll(async () => {
    broker = await startWatchedBroker();
    clients = connectClients(broker);
    requests = await recordAdminRequests(broker.connectionString);
    const startedAtInMs = performance.now();
    report = await fuzzAdmin({
      seed: SEED,
      requests,
      credentials: BROKER_CREDENTIALS,
      secrets: [WATCHED_BROKER_KEY, encodeURIComponent(WATCHED_BROKER_KEY)],
      port: broker.port,
      cases: CASES,
      cleanUp: () => endFaults(broker),
      check: async () => {
        await goodTurn();
        holdings.push(await broker.holding());
        return broker.isRunning ? [] : ["the broker is gone"];
      },
    });
    tell(report, turns, performance.now() - startedAtInMs);
  }, RUN_TIMEOUT_IN_MS);

  afterAll(async () => {
    await clients?.[Symbol.asyncDispose]();
    await broker?.[Symbol.asyncDispose]();
  });

  /** What a good client does between two batches: make a queue, send, receive, and leave nothing behind. */
  async function goodTurn(): Promise<void> {
    await deleteEntities(clients.admin, { except: [] });
    await clients.admin.createQueue("good");
    const sender = clients.client.createSender("good");
    const receiver = clients.client.createReceiver("good", { receiveMode: "receiveAndDelete" });
    await sender.sendMessages({ body: turns });
    const [message] = await receiver.receiveMessages(1, WAIT);
    expect(message?.body).toBe(turns);
    await receiver.close();
    await sender.close();
    await clients.admin.deleteQueue("good");
    turns += 1;
  }

  it("answers each, and makes no mistake of its own", () => {
    expect(report.violations).toEqual([]);
    expect([...report.statuses.keys()]).toEqual(
      expect.arrayContaining([200, 201, 400, 401, 404, 405, 409]),
    );
  });

  it("goes on serving a good client between, in the same process, and has complained of nothing", () => {
    expect(turns).toBe(holdings.length);
    expect(broker).toMatchObject({ isRunning: true, output: "" });
  });

  it("holds nothing of it", async () => {
    expect(await seeEntities(broker)).toMatchObject({ queues: [], topics: [] });
    await clients.client.close();
    await waitFor(async () => (await seeEntities(broker)).connections === 0, {
      what: "end of the good client's connection",
      timeoutInMs: 5_000,
    });
    const reachable = growthOf(holdings.map((one) => one.reachableInMb));
    process.stdout.write(`reachable memory x${reachable.toFixed(3)}\n`);
    expect(reachable).toBeLessThan(MOST_REACHABLE_GROWTH);
  });

  it.skipIf(!HAS_PROC)("holds no more memory and files for it (needs /proc)", () => {
    const { resident, descriptors, line } = describeGrowth(holdings);
    process.stdout.write(line);
    expect(resident).toBeLessThan(MOST_RESIDENT_GROWTH);
    expect(descriptors).toBeLessThan(MOST_RESIDENT_GROWTH);
  });

  it("says of wrong keys and missing entities what they are", async () => {
    const ask = async (path: string, authorization?: string): Promise<number> => {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await fetch(`http://127.0.0.1:${broker.port}${path}`, { headers });
      await answer.text();
      return answer.status;
    };
    const right = `Basic ${Buffer.from(BROKER_CREDENTIALS).toString("base64")}`;
    const wrong = `Basic ${Buffer.from("RootManageSharedAccessKey:wrong").toString("base64")}`;
    expect(await ask("/health")).toBe(200);
    for (const path of ["/entities", "/faults", "/faults/freeze", "/missing?api-version=2021-05"]) {
      expect([await ask(path), await ask(path, wrong)]).toEqual([401, 401]);
    }
    expect(await ask("/faults/no-such-fault", right)).toBe(404);
    await expect(clients.admin.getQueue("missing")).rejects.toMatchObject({ statusCode: 404 });
    await expect(clients.admin.getSubscription("missing", "s")).rejects.toMatchObject({
      statusCode: 404,
    });
  });
});

function tell({ statuses }: AdminFuzzReport, turns: number, durationInMs: number): void {
  const rows = [...statuses].toSorted(([one], [other]) => one - other);
  process.stdout.write(
    `fuzzed with FLEETQUAKE_FUZZ_SEED=${SEED}: ${CASES} cases in ${(durationInMs / 1_000).toFixed(1)} s, ${turns} turns of a good client between: ${rows.map(([status, times]) => `${times} x ${status}`).join(", ")}\n`,
  );
}
