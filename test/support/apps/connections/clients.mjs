import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { Worker as Thread } from "node:worker_threads";
import { Cluster, Redis } from "ioredis";

const PING = "*1\r\n$4\r\nPING\r\n";

/** All clients of the application, by the way they were opened; their errors are kept as the application sees them. */
export class Clients {
  /** ioredis clients that carry the load. */
  pool = [];
  nodeRedis = [];
  errors = [];
  onWork = () => undefined;
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  open(kind, options) {
    return this[kind](options);
  }

  /** `{ count, port, tls }`: clients of the pool. */
  async pooled({ count = 1, ...options }) {
    const opened = Array.from({ length: count }, () => this.#ioredis(options));
    this.pool.push(...opened);
    await Promise.all(opened.map((client) => client.ping()));
  }

  async subscriber(options) {
    const client = this.#ioredis(options);
    await client.subscribe("news");
  }

  async bullmq({ port, connectTimeout }) {
    const { Queue, QueueEvents, Worker } = await import("bullmq");
    const connection = { host: "127.0.0.1", port, connectTimeout, retryStrategy: () => 50 };
    const options = { connection };
    this.queue = new Queue("work", options);
    const worker = new Worker("work", async () => "done", options);
    const events = new QueueEvents("work", options);
    for (const part of [this.queue, worker, events]) {
      this.#keepErrors(part, "bullmq");
    }
    worker.on("completed", () => this.onWork());
    await Promise.all([
      this.queue.waitUntilReady(),
      worker.waitUntilReady(),
      events.waitUntilReady(),
    ]);
    const job = await this.queue.add("first", {});
    await job.waitUntilFinished(events, 10_000);
  }

  async addJob() {
    await this.queue.add("next", {});
  }

  async nodeRedisClient({ port, ca, connectTimeout }) {
    const { createClient } = await import("redis");
    const socket = { connectTimeout, ...(ca ? { tls: true, ca } : {}) };
    const client = createClient({ url: `${ca ? "rediss" : "redis"}://127.0.0.1:${port}`, socket });
    this.#keepErrors(client, "node-redis");
    await client.connect();
    await client.set("node-redis", "1");
    this.nodeRedis.push(client);
  }

  async cluster({ ports }) {
    this.clusterClient = new Cluster(
      ports.map((port) => ({ host: "127.0.0.1", port })),
      { redisOptions: { retryStrategy: null }, clusterRetryStrategy: () => 50 },
    );
    this.#keepErrors(this.clusterClient, "cluster");
    await this.useCluster();
  }

  /** One key for each of the three nodes' slots, and more. */
  async useCluster() {
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => this.clusterClient.incr(`key-${index}`)),
    );
  }

  async unixSocket({ path }) {
    const client = this.#ioredis({ path });
    this.pool.push(client);
    await client.ping();
  }

  /** A keep-alive connection to an HTTP server. */
  async http({ port }) {
    const outgoing = request({ port, host: "127.0.0.1", agent: this.#agent }).end();
    const [response] = await once(outgoing, "response");
    response.resume();
    await once(response, "end");
  }

  /** A connection of another protocol, opened by the first call; each call writes and waits for the answer. */
  async otherProtocol({ port }) {
    this.other ??= connect(port, "127.0.0.1");
    this.other.write("* NOOP\n");
    await once(this.other, "data");
  }

  /** A bare socket; the answer to PING tells that it stands. */
  async raw({ port }) {
    const socket = connect(port, "127.0.0.1");
    this.#keepErrors(socket, "raw");
    socket.write(PING);
    await once(socket, "data");
  }

  /** Connects and does not wait for it. */
  dangling({ port, count }) {
    for (let opened = 0; opened < count; opened += 1) {
      this.#keepErrors(connect(port, "127.0.0.1"), "dangling");
    }
  }

  /** A connection that a worker thread holds. */
  async thread({ port }) {
    const thread = new Thread(
      `const { connect } = require("node:net");
       const { parentPort } = require("node:worker_threads");
       connect(${port}, "127.0.0.1").on("data", () => parentPort.postMessage("up")).write("${PING.replaceAll("\r\n", "\\r\\n")}");`,
      { eval: true },
    );
    thread.unref();
    await once(thread, "message");
  }

  /** Blocks on a sorted set, over and over; what it takes is kept in the list `taken:<key>` of the test. */
  async popper({ port, key }) {
    const client = this.#ioredis({ port });
    await client.ping();
    this.taken ??= [];
    const pop = async () => {
      for (;;) {
        const popped = await client.bzpopmin(key, 5);
        if (popped !== null) {
          this.taken.push(popped[1]);
        }
      }
    };
    // Its rejection is a failure of the test, found by the count of what was taken.
    pop().catch((error) =>
      this.errors.push({ client: "popper", code: error.code ?? null, message: error.message }),
    );
  }

  /** Reads a value of so many bytes and keeps how often it came whole. */
  readBig({ key, bytes }) {
    this.bigReads = { whole: 0, broken: 0 };
    void this.pool[0].getBuffer(key).then(
      (value) => (this.bigReads[value?.length === bytes ? "whole" : "broken"] += 1),
      () => (this.bigReads.broken += 1),
    );
  }

  #ioredis({ port, path, ca, connectTimeout, noOfflineQueue, backInMs = 50 }) {
    const client = new Redis({
      host: "127.0.0.1",
      ...(path ? { path } : { port }),
      ...(ca ? { tls: { ca } } : {}),
      ...(connectTimeout ? { connectTimeout } : {}),
      retryStrategy: () => backInMs,
      maxRetriesPerRequest: null,
      enableOfflineQueue: !noOfflineQueue,
    });
    this.#keepErrors(client, ca ? "ioredis-tls" : "ioredis");
    return client;
  }

  #keepErrors(emitter, client) {
    emitter.on("error", ({ code, syscall, message }) => {
      this.errors.push({ client, code: code ?? null, syscall: syscall ?? null, message });
    });
  }
}
