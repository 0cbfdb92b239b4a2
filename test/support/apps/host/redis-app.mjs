// An application that knows nothing of the agent: CONNECTIONS ioredis clients that go on working, whatever happens.
import { Redis } from "ioredis";

const clients = Array.from({ length: Number(process.env.CONNECTIONS ?? 3) }, () => {
  const redis = new Redis(process.env.APP_REDIS_URL, {
    connectionName: process.env.CLIENT_NAME ?? "host-app",
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
  });
  redis.on("error", (error) => process.stdout.write(`error ${error.code}\n`));
  return redis;
});

await Promise.all(clients.map((redis) => redis.ping()));
process.stdout.write("working\n");
process.stdin.on("data", (line) => {
  const [command, span] = String(line).trim().split(" ");
  if (command === "block") {
    // The event loop stands still, as in a long computation.
    process.stdout.write("blocking\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(span));
    process.stdout.write("unblocked\n");
  }
});
setInterval(() => {
  void Promise.all(clients.map((redis) => redis.incr("host-app:work"))).then(
    ([count]) => process.stdout.write(`worked ${count}\n`),
    (error) => process.stdout.write(`failed ${error.message}\n`),
  );
}, 50);
