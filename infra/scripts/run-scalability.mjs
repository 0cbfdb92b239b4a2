// `npm run scalability`: measures what resets cost a queue, over counts of workers, rates, intervals and both ways to
// close; some fifteen minutes. `npm run scalability -- --workers=1,2 --rates=200 --intervals=1000 --seconds=5` measures less.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { checkNodeVersion } from "./check-node-version.mjs";
import { prepare, ROOT } from "./prepare.mjs";
import { provideRedis } from "./provide-redis.mjs";

const say = (line) => console.error(`fleetquake: ${line}`);
const MAIN = join("test", "load", "scalability", "scalability-main.ts");

try {
  const complaint = checkNodeVersion();
  if (complaint !== null) {
    throw new Error(complaint);
  }
  await prepare({ say });
  const path = await provideRedis({ say });
  process.exitCode = await run([MAIN, ...process.argv.slice(2)], path);
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}

/** Runs TypeScript against the built packages; resolves to its exit code. */
async function run(parameters, path) {
  const child = spawn(process.execPath, ["--import", "tsx", ...parameters], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, PATH: path },
  });
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
