import { randomInt } from "node:crypto";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { portProblem } from "@fleetquake/embedded";

/**
 * Below the ports that systems give to outgoing connections (Linux 32768 and up), and below those that the embedded fleet
 * chooses from for itself.
 */
const LOWEST_PORT = 12_000;
const HIGHEST_PORT = 22_000;
const ATTEMPTS = 200;
/** Whoever was given a port listens there by then, or never will. */
const GIVEN_FOR_IN_MS = 600_000;

/** A file for each port that was given to a test of any process. */
const FOLDER = join(tmpdir(), `fleetquake-test-ports-${process.getuid?.() ?? 0}`);

/**
 * A port of 127.0.0.1 on which nobody listens, and that no test of any process is given again for ten minutes.
 * @throws Error when none of many is to be had.
 */
export async function freePort(): Promise<number> {
  await mkdir(FOLDER, { recursive: true });
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if ((await isClaimed(port)) && (await portProblem("127.0.0.1", port)) === null) {
      return port;
    }
  }
  throw new Error(`none of ${ATTEMPTS} ports is free`);
}

/** Whether the port is ours from now on. */
async function isClaimed(port: number): Promise<boolean> {
  const file = join(FOLDER, `${port}`);
  const givenAtInMs = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
  if (givenAtInMs !== null && Date.now() - givenAtInMs > GIVEN_FOR_IN_MS) {
    await rm(file, { force: true });
  }
  return writeFile(file, "", { flag: "wx" }).then(
    () => true,
    () => false,
  );
}
