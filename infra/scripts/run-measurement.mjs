// `npm run scalability` and `npm run soak`: install and build what is missing, provide a redis-server, and run a measurement of
// test/load with the arguments behind `--`:
// - scalability: what resets cost a queue, over counts of workers, rates, intervals and both ways to close; some fifteen
//   minutes. `npm run scalability -- --workers=1,2 --rates=200 --intervals=1000 --seconds=5` measures less.
// - soak: a fleet of 20 workers with jobs is reset every second for ten minutes; ends with 1 if anything is not as it should be.
//   `npm run soak -- --seconds=60 --workers=5 --rate=20` is shorter.
import { join } from "node:path";
import { checkNodeVersion } from "./check-node-version.mjs";
import { prepare } from "./prepare.mjs";
import { provideRedis } from "./provide-redis.mjs";
import { runTypescript } from "./run-typescript.mjs";

const say = (line) => console.error(`fleetquake: ${line}`);
const [name, ...parameters] = process.argv.slice(2);
const MAIN = join("test", "load", name, `${name}-main.ts`);

try {
  const complaint = checkNodeVersion();
  if (complaint !== null) {
    throw new Error(complaint);
  }
  await prepare({ say });
  const path = await provideRedis({ say });
  process.exitCode = (await runTypescript([MAIN, ...parameters], path)) === 0 ? 0 : 1;
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
