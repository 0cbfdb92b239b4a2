// What the agent's tracking costs an application that only wants to work: ioredis in two processes, one with it and one
// without, in turns of a fraction of a second; the ratio is taken from neighbouring turns.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startRedis } from "../support/start-redis.ts";
import { formatSpread, spreadOf } from "./measurements.ts";
import type { ClientOrder } from "./throughput/throughput-client.ts";

const ROUNDS = 30;
const WARM_UP_ROUNDS = 5;
const TURN_IN_MS = 250;
const ANSWER_TIMEOUT_IN_MS = 20_000;
const CLIENT = fileURLToPath(new URL("throughput/throughput-client.ts", import.meta.url));

await using redis = await startRedis();
const plain = fork(CLIENT);
const tracked = fork(CLIENT);
await tell(plain, { type: "start", port: redis.port, isTracked: false });
await tell(tracked, { type: "start", port: redis.port, isTracked: true });
console.log(`ioredis, ${ROUNDS} rounds, p50 (p25 .. p75)`);
for (const work of ["pipeline", "get"] as const) {
  await measure(work);
}
plain.disconnect();
tracked.disconnect();

async function measure(work: "pipeline" | "get"): Promise<void> {
  const ratios: number[] = [];
  const speeds: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    const order: ClientOrder = { type: "round", work, spanInMs: TURN_IN_MS };
    // Whoever comes second may find a machine that is busier.
    const isPlainFirst = round % 2 === 0;
    const first = await tell(isPlainFirst ? plain : tracked, order);
    const second = await tell(isPlainFirst ? tracked : plain, order);
    if (round >= 0) {
      ratios.push(isPlainFirst ? second / first : first / second);
      speeds.push(isPlainFirst ? first : second);
    }
  }
  const name = work === "get" ? "64-way GET" : "pipeline of 100 GET";
  console.log(
    `${name}: ${formatSpread(spreadOf(speeds), 0)} a second without, ` +
      `ratio with / without ${formatSpread(spreadOf(ratios), 3)}, wanted at least 0.98`,
  );
}

async function tell(child: ChildProcess, order: ClientOrder): Promise<number> {
  const answered = once(child, "message", { signal: AbortSignal.timeout(ANSWER_TIMEOUT_IN_MS) });
  child.send(order);
  const [answer]: { readonly perSecond: number }[] = await answered;
  return answer?.perSecond ?? Number.NaN;
}
