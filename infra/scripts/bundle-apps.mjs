// Bundles the apps that a fleet runs many of: `node infra/scripts/bundle-apps.mjs`, after an installation.
//
// An app's own modules and those that it depends on are more than a thousand files; to find, read and link them takes a
// process several times as long as all that it does until it is ready.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const APPS = ["api", "worker"];

/** The agent's threads lie beside the app as they lie beside each other in their package, which is where it looks. */
const THREADS = {
  "thread/agent-thread": "packages/agent/src/thread/agent-thread.ts",
  "load/burn-processor-thread": "packages/agent/src/load/burn-processor-thread.ts",
  "load/hold-memory-thread": "packages/agent/src/load/hold-memory-thread.ts",
};

/** Loaded on demand, by few; and what patches modules finds no modules in a bundle. */
const EXTERNAL = ["@azure/identity", "@opentelemetry/*", "applicationinsights"];

/** What modules in CommonJS take for granted. */
const COMMON_JS = [
  'import { createRequire as createBundleRequire } from "node:module";',
  "const require = createBundleRequire(import.meta.url);",
  "const { filename: __filename, dirname: __dirname } = import.meta;",
].join("\n");

await Promise.all(APPS.map((app) => bundle(join(ROOT, "apps", app))));

/** Bundles an app from its sources into its folder `bundle`. */
async function bundle(folder) {
  const outdir = join(folder, "bundle");
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { "app/main": join(folder, "src/main.ts"), ...THREADS },
    outdir,
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20.19",
    conditions: ["@fleetquake/source"],
    external: EXTERNAL,
    banner: { js: COMMON_JS },
    // An error is told by its class's name.
    keepNames: true,
    sourcemap: "linked",
    legalComments: "none",
    logLevel: "warning",
  });
  outputFiles.forEach(({ path, contents }) => writeWhereChanged(path, contents));
}

/** A process that is loading a file reads the old or the new one, whole; and none that is as it should be is touched. */
function writeWhereChanged(path, contents) {
  if (readOrNull(path)?.equals(contents) === true) {
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, contents);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new Error(`${relative(ROOT, path)} cannot be written: ${error.message}`, {
      cause: error,
    });
  }
}

function readOrNull(path) {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
