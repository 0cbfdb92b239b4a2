import { randomBytes } from "node:crypto";
import { FleetProcess } from "../process/fleet-process.ts";
import type { BrokerSeat } from "./broker-seat.ts";

const READY_TIMEOUT_IN_MS = 20_000;

/** The embedded broker in its own process. */
export interface RunningBroker {
  readonly process: FleetProcess;
  readonly seat: BrokerSeat;
  /** For the bus client and for managing entities; contains the key. */
  readonly connectionString: string;
}

export interface StartBrokerProcessOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** The seat of a predecessor. @default free ports, a new key, no faults */
  readonly seat?: BrokerSeat;
  /** Whether the faults of a broker without predecessor can be switched on. @default false */
  readonly faults?: boolean;
  readonly onLine?: (line: string) => void;
  /** Gets each process at once, before it is ready, so that a start can be broken off. */
  readonly onSpawn?: (process: FleetProcess) => void;
}

/**
 * Starts the broker.
 * @throws Error with its last words when it does not start.
 */
export async function startBrokerProcess(
  options: StartBrokerProcessOptions,
): Promise<RunningBroker> {
  const wanted = options.seat ?? {
    port: 0,
    sharedAccessKey: randomBytes(32).toString("base64"),
    faults: options.faults ?? false,
  };
  const broker = new FleetProcess({
    name: "broker",
    module: new URL("../../dist/fleet/broker-main.js", import.meta.url),
    env: { ...options.env, FLEETQUAKE_BROKER: JSON.stringify(wanted) },
    logFile: options.logFile,
    readyTimeoutInMs: READY_TIMEOUT_IN_MS,
    ...(options.onLine && { onLine: options.onLine }),
  });
  options.onSpawn?.(broker);
  try {
    const message = await broker.ready();
    return {
      process: broker,
      seat: {
        port: Number(message["port"]),
        sharedAccessKey: wanted.sharedAccessKey,
        faults: wanted.faults,
      },
      connectionString: String(message["connectionString"]),
    };
  } catch (error) {
    await broker.stop(0);
    throw error;
  }
}
