// A process that runs ioredis at full speed when it is told to, with the agent's tracking or without.
import {
  createConnectionSet,
  SocketLedger,
  trackProcessSockets,
} from "@fleetquake/agent/testing/sockets";
import { systemClock } from "@fleetquake/contract";
import { Redis } from "ioredis";

/** What the process is told: once what it is, then round by round what to do for how long. */
export type ClientOrder =
  | { readonly type: "start"; readonly port: number; readonly isTracked: boolean }
  | { readonly type: "round"; readonly work: "pipeline" | "get"; readonly spanInMs: number };

const LANES = 64;
const PIPELINE = 100;
/** As often as an embedded replica reports to the fleet. */
const HEARTBEAT_IN_MS = 1_000;

let redis: Redis;

process.on("message", (order: ClientOrder) => {
  void take(order);
});
process.on("disconnect", () => process.exit(0));

async function take(order: ClientOrder): Promise<void> {
  if (order.type === "start") {
    redis = await start(order);
    process.send?.({ perSecond: 0 });
    return;
  }
  const startedAt = performance.now();
  const endsAt = startedAt + order.spanInMs;
  const done = order.work === "get" ? await getInLanes(endsAt) : await runPipelines(endsAt);
  process.send?.({ perSecond: (done * 1_000) / (performance.now() - startedAt) });
}

async function start({ port, isTracked }: Extract<ClientOrder, { type: "start" }>): Promise<Redis> {
  if (isTracked) {
    const ledger = new SocketLedger();
    trackProcessSockets(ledger);
    const connections = createConnectionSet({
      ledger,
      control: null,
      clock: systemClock,
      enabled: true,
    });
    setInterval(() => connections.state(), HEARTBEAT_IN_MS);
  }
  const client = new Redis({ host: "127.0.0.1", port });
  await client.set("key", "x".repeat(64));
  return client;
}

async function getInLanes(endsAt: number): Promise<number> {
  let done = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      await redis.get("key");
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return done;
}

async function runPipelines(endsAt: number): Promise<number> {
  let done = 0;
  while (performance.now() < endsAt) {
    const pipeline = redis.pipeline();
    for (let command = 0; command < PIPELINE; command += 1) {
      pipeline.get("key");
    }
    await pipeline.exec();
    done += PIPELINE;
  }
  return done;
}
