/**
 * An application that uses Redis as the test tells it to, with the agent's socket side and no bus.
 * Commands come and answers go by IPC: `{ id, method, args }`, `{ id, result }` or `{ id, error }`.
 */
import { Worker as Thread } from "node:worker_threads";
import {
  createConnectionSet,
  createRedisBlockSwitch,
  createRedisControl,
  installRedisBlock,
  RedisBlockCell,
  SocketLedger,
  trackProcessSockets,
} from "@fleetquake/agent/testing/sockets";
import { systemClock } from "@fleetquake/contract";
import { Clients } from "./clients.mjs";
import { Load } from "./load.mjs";
import { OpenTransaction } from "./open-transaction.mjs";

const ledger = new SocketLedger();
const clients = new Clients();
const cell = new RedisBlockCell({ clock: systemClock });
const block = createRedisBlockSwitch(cell);
const load = new Load(clients);
const transaction = new OpenTransaction(clients);
let connections;
let control = null;

const methods = {
  /** Starts the tracking; what is open by then is adopted. */
  track(options) {
    trackProcessSockets(ledger);
    installRedisBlock({ cell, endpoints: ledger.endpoints });
    control = options.control ? createRedisControl(options.control) : null;
    connections = createConnectionSet({ ledger, control, clock: systemClock, enabled: true });
    clients.onWork = () => connections.recordWork();
  },
  open: (kind, options) => clients.open(kind, options),
  taken: () => clients.taken,
  bigReads: () => clients.bigReads,
  operate: (count) => load.operate(count),
  startLoad: (options) => load.start(options),
  stopLoad: () => load.stop(),
  beginTransaction: () => transaction.begin(),
  stepTransaction: () => transaction.step(),
  endTransaction: () => transaction.end(),
  blockLoop: (ms) => {
    for (const end = performance.now() + ms; performance.now() < end; );
  },
  beginBlock: ({ mode, durationInMs }) =>
    block.begin({ mode, endsAtMonotonicInMs: systemClock.monotonicInMs() + durationInMs }),
  endBlock: () => block.end(),
  /** The event loop hangs until another thread has begun a block, so many milliseconds at most. */
  hangUntilBlocked({ timeoutInMs, ...options }) {
    const workerData = { shared: cell.shared, ...options };
    new Thread(new URL("block-thread.mjs", import.meta.url), { workerData, execArgv: [] }).unref();
    const deadline = performance.now() + timeoutInMs;
    while (cell.mode === null && performance.now() < deadline);
    return cell.mode;
  },
  async close(options) {
    const startedAt = performance.now();
    const report = await connections.close({
      commandId: "c-1",
      drainTimeoutInMs: 5_000,
      expiresAtMonotonicInMs: systemClock.monotonicInMs() + 60_000,
      ...options,
    });
    return { report, durationInMs: performance.now() - startedAt };
  },
  state: () => connections.state(),
  recovery: () => connections.recovery(),
  errors: () => clients.errors,
  addresses: () =>
    ledger
      .connections()
      .filter(({ phase }) => phase === "established")
      .map(({ localAddress, kind, adopted }) => ({ localAddress, kind, adopted })),
  connecting: () => ledger.connections().filter(({ phase }) => phase === "connecting").length,
  /** Opens the agent's control connection, as a drain would. */
  async askControl(endpoint) {
    const rows = await control.clientList(endpoint, { timeoutInMs: 1_000 });
    return rows && { rows: rows.length, local: await control.localAddresses() };
  },
};

process.on("message", async ({ id, method, args }) => {
  try {
    process.send({ id, result: (await methods[method](...args)) ?? null });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
process.on("disconnect", () => process.exit(0));
process.send({ id: "ready" });
