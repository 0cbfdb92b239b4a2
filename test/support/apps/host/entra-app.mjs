// An application that authenticates by Entra ID: ioredis, a subscriber, a cluster and BullMQ, all at work until `stop`.
// It writes every error that it sees with all its members, as a careless logger would.
import { inspect } from "node:util";
import { startAgent } from "@fleetquake/agent";
import { openRedisAccess, readRedisSettings } from "@fleetquake/redis";
import { Queue, Worker } from "bullmq";

const say = (...words) => process.stdout.write(`${words.join(" ")}\n`);
const mistakes = [];
const settings = readRedisSettings(process.env, mistakes);
if (mistakes.length > 0) {
  throw new Error(mistakes.join("; "));
}
const level =
  (name) =>
  (event, fields = {}) =>
    say("log", name, event, inspect(fields, { depth: 10, breakLength: Infinity }));
const log = {
  debug: level("debug"),
  info: level("info"),
  warn: level("warn"),
  error: level("error"),
};

const access = openRedisAccess(settings, { log });
await startAgent({
  bus: process.env.FLEETQUAKE_BUS_CONNECTION_STRING,
  allow: (process.env.FLEETQUAKE_ALLOW ?? "redis-reset").split(","),
  redis: { host: settings.host, port: settings.port },
  redisTokens: access.tokens,
  log,
});

const counts = { commands: 0, messages: 0, clustered: 0, jobs: 0, refused: 0 };
const see = (error) => {
  const text = inspect(error, { depth: 10, breakLength: Infinity, showHidden: true });
  counts.refused += /WRONGPASS|NOAUTH|NOPERM/.test(text) ? 1 : 0;
  say("error", text.replaceAll("\n", " "));
};
const options = {
  connectionName: "host-app",
  maxRetriesPerRequest: null,
  retryStrategy: () => 30 + Math.random() * 50,
};
const open = (of = access) => {
  const client = of.connect(options);
  client.on("error", see);
  return client;
};

const commands = open();
const subscriber = open();
await subscriber.subscribe("news");
subscriber.on("message", () => (counts.messages += 1));
const clients = [commands, subscriber];
const queue = new Queue("entra", { connection: open(), prefix: "{entra}" });
const worker = new Worker("entra", async () => (counts.jobs += 1), {
  connection: open(),
  prefix: "{entra}",
});
queue.on("error", see);
worker.on("error", see);

let cluster = null;
if (process.env.CLUSTER_PORT !== undefined) {
  const clusterAccess = openRedisAccess(
    {
      ...settings,
      port: Number(process.env.CLUSTER_PORT),
      cluster: true,
      // So that the identity's endpoint can tell the two apart.
      entra: { ...settings.entra, clientId: "of-the-cluster" },
    },
    { log },
  );
  cluster = open(clusterAccess);
}

let turn = 0;
const attempt = async (name, work) => {
  try {
    await work();
    counts[name] += 1;
  } catch (error) {
    see(error);
  }
};
const traffic = setInterval(() => {
  turn += 1;
  void attempt("commands", () => commands.multi().incr("turns").get("turns").exec());
  void attempt("commands", () => commands.publish("news", String(turn)));
  if (cluster !== null) {
    void attempt("clustered", () => cluster.set(`key-${turn % 50}`, turn));
  }
  if (turn % 5 === 0) {
    void queue.add("job", { turn }).catch(see);
  }
}, 20);
say("working");

process.stdin.on("data", (lines) => {
  for (const line of String(lines).trim().split("\n")) {
    if (line === "report") {
      say("report", JSON.stringify(counts));
    } else if (line === "stop") {
      clearInterval(traffic);
      void Promise.all([worker.close(true), queue.close()])
        .catch(see)
        .finally(() => {
          clients.forEach((client) => client.disconnect());
          process.exit(0);
        });
    }
  }
});
await new Promise(() => undefined);
