// `npm run bench`: runs every test/load/**/*-bench.ts, one after the other, each in a process of its own against the built
// packages. `npm run bench -- close` runs those with `close` in their name.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { checkNodeVersion } from "./check-node-version.mjs";
import { prepare, ROOT } from "./prepare.mjs";
import { provideRedis } from "./provide-redis.mjs";
import { runTypescript } from "./run-typescript.mjs";

const say = (line) => console.error(`fleetquake: ${line}`);

try {
  const complaint = checkNodeVersion();
  if (complaint !== null) {
    throw new Error(complaint);
  }
  await prepare({ say });
  const path = await provideRedis({ say });
  const names = process.argv.slice(2);
  const benches = readdirSync(join(ROOT, "test", "load"), { recursive: true })
    .filter((file) => file.endsWith("-bench.ts"))
    .filter((file) => names.length === 0 || names.some((name) => file.includes(name)))
    .toSorted((a, b) => a.localeCompare(b));
  if (benches.length === 0) {
    throw new Error(`no benchmark of that name under test/load: ${names.join(" ")}`);
  }
  for (const bench of benches) {
    console.log(`\n== ${bench}`);
    await run(join(ROOT, "test", "load", bench), path);
  }
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}

/** A benchmark that fails is reported by its exit code, and the next one still runs. */
async function run(file, path) {
  const end = await runTypescript([file], path);
  if (end !== 0) {
    say(`${file} ended with ${end}`);
    process.exitCode = 1;
  }
}
