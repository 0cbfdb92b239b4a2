// What `npm start` runs: plain JavaScript without dependencies, since it installs them. The launcher itself then runs
// in this very process, so that signals and the exit code need no forwarding.
const scripts = new URL("../../infra/scripts/", import.meta.url);
const say = (line) => console.error(`fleetquake: ${line}`);

const { checkNodeVersion } = await import(new URL("check-node-version.mjs", scripts).href);
const complaint = checkNodeVersion();
if (complaint !== null) {
  say(complaint);
  process.exit(1);
}

const { prepare, InterruptedError } = await import(new URL("prepare.mjs", scripts).href);
try {
  await prepare({ say });
} catch (error) {
  if (error instanceof InterruptedError) {
    process.exit(0);
  }
  say(error.message);
  process.exit(1);
}

await import(new URL("dist/main.js", import.meta.url).href);
