import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the ports that systems give to outgoing connections (Linux 32768 and up, others 49152): one of those may be taken by
 * any process that just connects somewhere. With room for a Redis Cluster's bus, 10,000 above its port.
 */
const LOWEST_PORT = 12_000;
const HIGHEST_PORT = 22_000;
const ATTEMPTS = 50;

/**
 * A port of 127.0.0.1 that nobody listened on a moment ago; whoever takes it must be ready to lose the race.
 * @throws Error when none of many was free.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (await isFree(port)) {
      return port;
    }
  }
  throw new Error(`none of ${ATTEMPTS} ports from ${LOWEST_PORT} to ${HIGHEST_PORT} is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (listens) {
    await new Promise((resolve) => server.close(resolve));
  }
  return listens;
}
