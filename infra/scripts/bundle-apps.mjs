// Bundles the apps that a fleet runs many of: `node infra/scripts/bundle-apps.mjs`, after an installation.
//
// An app's own modules and those that it depends on are more than a thousand files; to find, read and link them takes a
// process several times as long as all that it does until it is ready.
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

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

/** What the last run read and wrote, and how old and large it was: with all of it as it was, there is nothing to do. */
const RECORD = join(ROOT, ".cache", "bundle-apps.json");
/** No part of a bundle, but they decide what is. */
const MANIFESTS = [
  "infra/scripts/bundle-apps.mjs",
  "package-lock.json",
  "tsconfig.json",
  ...readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}/package.json`),
];

if (!isCurrent()) {
  await bundleApps();
}

async function bundleApps() {
  const { build } = await import("esbuild");
  // The same in each app; their maps lead to the sources from either.
  const threads = await bundle(build, APPS[0], THREADS);
  const inputs = new Set([...MANIFESTS, ...threads.inputs]);
  const written = [];
  for (const app of APPS) {
    const main = await bundle(build, app, { "app/main": `apps/${app}/src/main.ts` });
    main.inputs.forEach((path) => inputs.add(path));
    for (const { path, contents } of [...main.files, ...threads.files]) {
      const target = join("apps", app, "bundle", path);
      writeWhereChanged(join(ROOT, target), contents);
      written.push(target);
    }
  }
  const record = Object.fromEntries([...inputs, ...written].map((path) => [path, stateOf(path)]));
  writeWhereChanged(RECORD, Buffer.from(JSON.stringify(record)));
}

/** @returns the files that a bundle consists of, by their path in an app's folder `bundle`, and what went into them. */
async function bundle(build, app, entryPoints) {
  const outdir = join(ROOT, "apps", app, "bundle");
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints,
    outdir,
    bundle: true,
    write: false,
    metafile: true,
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
  return {
    files: outputFiles.map(({ path, contents }) => ({ path: relative(outdir, path), contents })),
    inputs: Object.keys(metafile.inputs).filter((path) => stateOf(path) !== null),
  };
}

function isCurrent() {
  const record = readOrNull(RECORD);
  return (
    record !== null &&
    Object.entries(JSON.parse(record.toString())).every(([path, state]) => stateOf(path) === state)
  );
}

/** @returns null where there is no such file. */
function stateOf(path) {
  const status = statSync(join(ROOT, path), { throwIfNoEntry: false });
  return status === undefined ? null : `${status.mtimeMs} ${status.size}`;
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
