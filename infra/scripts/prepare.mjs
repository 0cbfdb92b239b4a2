import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { takeLock } from "./take-lock.mjs";

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const LOCK_TIMEOUT_IN_MS = 10 * 60_000;
const QUIET_BUILD_IN_MS = 1_500;
const KILL_IN_MS = 2_000;

/** Thrown when Ctrl-C or SIGTERM came while installing or building; what was started has ended by then. */
export class InterruptedError extends Error {
  name = "InterruptedError";
}

/**
 * Installs the dependencies when they are missing or not those of package-lock.json, and builds.
 *
 * Safe to run at the same time from several processes: one works, the others wait for it and then find nothing to do.
 *
 * @param {{ say: (line: string) => void }} options `say` gets one line for whatever takes more than a moment.
 * @throws {InterruptedError} when SIGINT, SIGTERM or SIGHUP came meanwhile.
 * @throws {Error} with the tool's own output when `npm ci`, `tsc -b` or the bundler fails.
 */
export async function prepare({ say }) {
  const lock = await takeLock(join(ROOT, ".cache", "prepare.lock"), {
    timeoutInMs: LOCK_TIMEOUT_IN_MS,
    onWait: (pid) => say(`waiting for process ${pid}, which is installing or building`),
  });
  try {
    const reason = whyInstall(ROOT);
    if (reason !== null) {
      say(`installing dependencies (npm ci): ${reason}`);
      await run(
        npmCommand(),
        ["ci", "--include=dev", "--include=optional", "--loglevel=error"],
        lock,
      );
    }
    const notice = setTimeout(() => say("building (npm run build)"), QUIET_BUILD_IN_MS);
    try {
      await run([process.execPath], [join(ROOT, "node_modules/typescript/bin/tsc"), "-b"], lock);
      await run([process.execPath], [join(ROOT, "infra/scripts/bundle-apps.mjs")], lock);
    } finally {
      clearTimeout(notice);
    }
  } finally {
    lock.release();
  }
}

/**
 * Compares package-lock.json with what npm recorded of the installed tree, and that with the folders on disk.
 *
 * npm's own record (node_modules/.package-lock.json) is better than a stamp of ours: it is written last, goes away with
 * the tree, and is also right after an `npm install` or `npm ci` by hand.
 *
 * @param {string} root
 * @returns {string | null} why an installation is needed; null when the tree is complete.
 */
export function whyInstall(root) {
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) {
    return "nothing is installed yet";
  }
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.startsWith("node_modules/") || isOptionalHere(entry)) {
      continue;
    }
    if (installed[path]?.version !== entry.version || installed[path]?.link !== entry.link) {
      return `${path} is not the version of package-lock.json`;
    }
    if (!existsSync(join(root, path))) {
      return `${path} is missing`;
    }
  }
  return null;
}

/** Whether npm may have left a package out: optional, and not marked as the binary for just this platform. */
function isOptionalHere(entry) {
  if (entry.optional !== true && entry.devOptional !== true) {
    return false;
  }
  if (entry.os === undefined && entry.cpu === undefined) {
    return true;
  }
  const fits =
    (entry.os?.includes(process.platform) ?? true) &&
    (entry.cpu?.includes(process.arch) ?? true) &&
    (entry.libc?.includes(libc()) ?? true);
  return !fits;
}

function libc() {
  return process.report.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

/** The npm that runs this script, so that no other version on PATH writes the tree. */
function npmCommand() {
  const path = process.env["npm_execpath"];
  if (path?.endsWith(".js") && existsSync(path)) {
    return [process.execPath, path];
  }
  const beside = join(dirname(process.execPath), "npm");
  return [existsSync(beside) ? beside : "npm"];
}

async function run([program, ...first], rest, lock) {
  const child = spawn(program, [...first, ...rest], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.pid !== undefined) {
    lock.alsoHeldBy(child.pid);
  }
  const output = [];
  child.stdout.on("data", (chunk) => output.push(chunk));
  child.stderr.on("data", (chunk) => output.push(chunk));
  /** @type {string[]} */
  const interruptions = [];
  const interrupt = (signal) => {
    interruptions.push(signal);
    child.kill("SIGTERM");
    // npm goes on for many seconds, to take back what it did; the next run installs anew in any case.
    setTimeout(() => child.kill("SIGKILL"), KILL_IN_MS).unref();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  signals.forEach((signal) => process.on(signal, interrupt));
  try {
    const code = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, signal) => resolve(exitCode ?? signal));
    });
    if (interruptions.length > 0) {
      throw new InterruptedError(`interrupted by ${interruptions[0]}`);
    }
    if (code !== 0) {
      const what = [program, ...first, ...rest].join(" ");
      throw new Error(`${what} ended with ${code}:\n${Buffer.concat(output).toString().trim()}`);
    }
  } finally {
    signals.forEach((signal) => process.off(signal, interrupt));
  }
}
