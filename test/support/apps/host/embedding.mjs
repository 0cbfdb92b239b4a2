// An application that embeds the agent in its own code and stops it at its end.
import { startAgent } from "@fleetquake/agent";
import { Redis } from "ioredis";

const redis = new Redis(process.env.APP_REDIS_URL, { connectionName: "host-app" });
redis.on("error", () => undefined);
await redis.ping();

const agent = await startAgent({
  bus: process.env.BUS,
  role: "embedder",
  labels: { zone: "1" },
  redis: { url: process.env.APP_REDIS_URL },
});
const again = await startAgent({ bus: process.env.BUS, role: "second" });
await agent.ready({ timeoutInMs: 60_000 });
const { busConnected, isAnnounced, threadRestarts } = agent.state();
const say = (name, value) => process.stdout.write(`${name} ${JSON.stringify(value)}\n`);
say("same", again === agent);
say("state", {
  busConnected,
  isAnnounced,
  threadRestarts,
  count: agent.state().redis.connection_count,
});
await startAgent({ bus: "nonsense", role: "" }).catch((error) => say("refused", error.message));

process.stdin.once("data", async () => {
  process.stdin.destroy();
  agent.recordWork();
  await agent.stop();
  await agent.stop();
  say("stopped", agent.state().busConnected);
  redis.disconnect();
});
