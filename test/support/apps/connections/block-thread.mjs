/** Begins a block of the process from a thread, as the agent's thread does. */
import { workerData } from "node:worker_threads";
import { createRedisBlockSwitch, RedisBlockCell } from "@fleetquake/agent/testing/sockets";
import { systemClock } from "@fleetquake/contract";

const { shared, mode, durationInMs } = workerData;
const endsAtMonotonicInMs = systemClock.monotonicInMs() + durationInMs;
const cell = new RedisBlockCell({ clock: systemClock, shared });
await createRedisBlockSwitch(cell).begin({ mode, endsAtMonotonicInMs });
