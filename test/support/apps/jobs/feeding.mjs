// An application that adds jobs, with the agent embedded: its own connections are reset with the fleet's. It is told
// what to do over IPC: {id, method, args}, answered with {id, result} or {id, error}.
import { startAgent } from "@fleetquake/agent";
import { startJobFeed } from "@fleetquake/jobs";

const url = new URL(process.env.REDIS_URL);
const agent = await startAgent({
  bus: process.env.FLEETQUAKE_BUS_CONNECTION_STRING,
  role: "feeder",
  redis: { url: url.href },
});
const feed = startJobFeed({ redis: { host: url.hostname, port: Number(url.port) } });

const methods = {
  start: (jobsPerSecond) => feed.start(jobsPerSecond),
  stop: () => feed.stop(),
  ledger: () => feed.ledger(),
  settle: (timeoutInMs) => feed.settle({ timeoutInMs }),
  counts: () => feed.counts(),
  close: () => feed.close(),
};

process.on("message", async ({ id, method, args }) => {
  try {
    process.send({ id, result: (await methods[method](...args)) ?? null });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
});
process.on("disconnect", () => process.exit(0));
await agent.ready({ timeoutInMs: 60_000 });
process.send({ id: "ready" });
