import { randomInt } from "node:crypto";
import { portProblem } from "./port-problem.ts";

/**
 * Below the ports that systems give to outgoing connections (Linux 32768 and up, others 49152): one of those may be taken by
 * any process that just connects somewhere.
 */
const LOWEST_PORT = 22_000;
const HIGHEST_PORT = 32_000;
const ATTEMPTS = 50;

/**
 * A port of 127.0.0.1 that nobody listened on a moment ago; whoever takes it must be ready to lose the race.
 * @throws Error when none of many was free.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if ((await portProblem("127.0.0.1", port)) === null) {
      return port;
    }
  }
  throw new Error(`none of ${ATTEMPTS} ports from ${LOWEST_PORT} to ${HIGHEST_PORT} is free`);
}
