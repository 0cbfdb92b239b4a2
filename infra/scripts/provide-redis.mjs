import { mkdirSync, readlinkSync, renameSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "./prepare.mjs";

/**
 * Makes `redis-server` a command for the tests, found or unpacked by the launcher's own finder: a link to it stands first
 * on the PATH that is returned. Needs the build.
 *
 * @param {{ say: (line: string) => void }} options
 * @returns {Promise<string>} the PATH to run the tests with
 * @throws {Error} that names each thing tried when there is no Redis, or only one inside Docker.
 */
export async function provideRedis({ say }) {
  const { findRedisProgram } = await import(
    new URL("apps/embedded/dist/index.js", `file://${ROOT}`).href
  );
  const path = process.env["PATH"] ?? "";
  const cacheFolder = join(ROOT, ".cache");
  const program = await findRedisProgram({ path, cacheFolder, say });
  if (program.kind !== "executable") {
    throw new Error(
      "the tests stop, freeze and restart redis-server by its pid: one inside Docker will not do. " +
        "Install one, for example: sudo apt-get install redis-server",
    );
  }
  say(`Redis ${program.version} at ${program.path}`);
  const folder = join(cacheFolder, "test-bin");
  mkdirSync(folder, { recursive: true });
  link(program.path, join(folder, "redis-server"));
  return `${folder}${delimiter}${path}`;
}

/** Two test runs at once may both link: the rename is atomic, and both point to a server that runs. */
function link(target, path) {
  if (readLink(path) === target || target === path) {
    return;
  }
  const draft = `${path}.${process.pid}`;
  symlinkSync(target, draft);
  renameSync(draft, path);
}

function readLink(path) {
  try {
    return readlinkSync(path);
  } catch {
    // Not there yet.
    return null;
  }
}
