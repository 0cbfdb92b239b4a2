// An application with a job that waits until it may begin, and that ends while it waits.
import { startAgent } from "@fleetquake/agent";

const agent = await startAgent({ bus: process.env.BUS, redis: false, allow: ["hang"] });
await agent.ready({ timeoutInMs: 60_000 });
await agent.untilWorkAllowed();
process.stdout.write("free\n");
process.stdin.once("data", () => {
  process.stdin.destroy();
  void agent.untilWorkAllowed().then(() => process.stdout.write("begun\n"));
  process.stdout.write("waiting\n");
});
