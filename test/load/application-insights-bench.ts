// What Application Insights costs a reset: a fleet that tells nobody, beside one that tells an ingestion which accepts, is
// down, never answers or refuses, in turns within one run. A reset is timed from outside: POST to answer.
import { Agent, request } from "node:http";
import { setTimeout } from "node:timers/promises";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";
import { startIngestion, type IngestionMode } from "../support/start-ingestion.ts";
import { waitFor } from "../support/wait-for.ts";
import { formatSpread, spreadOf } from "./measurements.ts";

const WORKERS = 3;
const CONNECTIONS_PER_WORKER = 3;
const WARM_UP_ROUNDS = 10;
const ROUNDS = 40;
/** A second after a reset the replicas tell how the last recovery ended. */
const LAST_REPORTS_IN_MS = 1_100;
const CASES = ["accepting", "down", "silent", "refusing"] as const;
const MODES: Readonly<Record<Exclude<(typeof CASES)[number], "down">, IngestionMode>> = {
  accepting: "accept",
  silent: "silent",
  refusing: 402,
};

const keepAlive = new Agent({ keepAlive: true });
const env = { FLEETQUAKE_RESET_COOLDOWN_MS: "0" };

console.log(`${WORKERS} workers and an API, ${ROUNDS} rounds, p50 (p25 .. p75)`);
const only = process.env["FLEETQUAKE_BENCH_INGESTION"]?.split(",");
for (const name of CASES.filter((known) => only?.includes(known) ?? true)) {
  await measure(name);
}
keepAlive.destroy();

async function measure(name: (typeof CASES)[number]): Promise<void> {
  await using ingestion = await startIngestion(name === "down" ? "accept" : MODES[name]);
  // As the SDK is by default: it sends every five seconds.
  const { APPLICATIONINSIGHTS_CONNECTION_STRING, NODE_EXTRA_CA_CERTS } = ingestion.env;
  const told = { APPLICATIONINSIGHTS_CONNECTION_STRING, NODE_EXTRA_CA_CERTS };
  if (name === "down") {
    await ingestion.stop();
  }
  // Both new: what has run longer is faster.
  await using plain = await startFleet({ replicas: WORKERS, env });
  await using telling = await startFleet({ replicas: WORKERS, env: { ...env, ...told } });
  const without: number[] = [];
  const withIt: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    await setTimeout(LAST_REPORTS_IN_MS);
    await Promise.all([untilBack(plain), untilBack(telling)]);
    const inTurn = [
      async () => ({ spans: without, tookInMs: await reset(plain) }),
      async () => ({ spans: withIt, tookInMs: await reset(telling) }),
    ];
    for (const timed of round % 2 === 0 ? inTurn : inTurn.toReversed()) {
      const { spans, tookInMs } = await timed();
      if (round >= 0) {
        spans.push(tookInMs);
      }
    }
  }
  const ratio = spreadOf(withIt).p50 / spreadOf(without).p50;
  console.log(
    `ingestion ${name}: without ${formatSpread(spreadOf(without))} ms, with ${formatSpread(spreadOf(withIt))} ms, ` +
      `ratio of the medians ${ratio.toFixed(2)}, wanted at most 1.1`,
  );
}

async function untilBack(fleet: StartedFleet): Promise<void> {
  const wanted = WORKERS * CONNECTIONS_PER_WORKER;
  await waitFor(async () => (await fleet.clientIds()).length >= wanted, {
    what: `${wanted} connections`,
    timeoutInMs: 30_000,
  });
}

async function reset(fleet: StartedFleet): Promise<number> {
  const startedAtInMs = performance.now();
  const { status, body } = await post(`${fleet.url}/chaos/redis-reset`);
  const tookInMs = performance.now() - startedAtInMs;
  const answer: { readonly outcome?: string } = JSON.parse(body);
  if (status !== 200 || answer.outcome !== "complete") {
    throw new Error(`a reset answered ${status}: ${body.slice(0, 500)}`);
  }
  return tookInMs;
}

function post(url: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "POST", agent: keepAlive }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (body += chunk));
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    outgoing.once("error", reject);
    outgoing.end();
  });
}
