import { fileURLToPath } from "node:url";
import { Launcher } from "./launcher/launcher.ts";
import { loadConfig } from "./launcher/load-config.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const say = (line: string): void => {
  process.stderr.write(`fleetquake: ${line}\n`);
};

let launcher: Launcher | null = null;
let isStopping = false;

/** Ctrl-C arrives twice under npm, once from the terminal and once from npm: the second changes nothing. */
async function stop(signal: NodeJS.Signals): Promise<void> {
  if (isStopping) {
    return;
  }
  isStopping = true;
  say(`${signal}: stopping the fleet`);
  await launcher?.stop();
  process.exit(0);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => void stop(signal));
}

try {
  launcher = new Launcher({
    config: loadConfig(process.env),
    env: process.env,
    root: ROOT,
    say,
    announce: (line) => process.stdout.write(`${line}\n`),
    onOver: (code) => process.exit(code),
  });
  await launcher.start();
} catch (error) {
  if (!isStopping) {
    say(error instanceof Error ? error.message : String(error));
    await launcher?.stop();
    process.exit(1);
  }
}
