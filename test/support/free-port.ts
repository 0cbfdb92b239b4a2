import { randomInt } from "node:crypto";
import { portProblem } from "@fleetquake/embedded";

/**
 * Below the ports that systems give to outgoing connections (Linux 32768 and up), and below those that the embedded fleet
 * chooses from for itself.
 */
const LOWEST_PORT = 12_000;
const SLICES = 10;
const SLICE_SIZE = 1_000;

// Files that run at the same time choose from different slices: what one of them will listen on in a second, no other takes.
const slice = Number(process.env["VITEST_POOL_ID"] ?? 0) % SLICES;
let next = randomInt(SLICE_SIZE);

/**
 * A port of 127.0.0.1 on which nobody listens, and that no test that runs now is given again.
 * @throws Error when none of the slice is free.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= SLICE_SIZE; attempt += 1) {
    const port = LOWEST_PORT + slice * SLICE_SIZE + next;
    next = (next + 1) % SLICE_SIZE;
    if ((await portProblem("127.0.0.1", port)) === null) {
      return port;
    }
  }
  throw new Error(`none of ${SLICE_SIZE} ports is free`);
}
