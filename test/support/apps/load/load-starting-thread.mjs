// A thread that begins a load and then lives on.
import { parentPort } from "node:worker_threads";
import { createLoadGenerator } from "@fleetquake/agent/testing/load";

parentPort.on("message", () => undefined);
const endsAtMonotonicInMs = Number(process.hrtime.bigint()) / 1e6 + 300_000;
await createLoadGenerator().start({ level: "high", endsAtMonotonicInMs });
parentPort.postMessage("started");
