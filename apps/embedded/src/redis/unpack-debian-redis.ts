import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { runTool } from "../process/run-tool.ts";
import { parseLibraryDependencies } from "./parse-library-dependencies.ts";
import { readServerVersion } from "./read-server-version.ts";

const PACKAGES = ["redis-server", "redis-tools"];
const PROGRAMS = ["redis-server", "redis-cli"];
/** Libraries of libraries: Debian 12 needs one round, a bare container two. */
const ROUNDS = 4;
const APT_TIMEOUT_IN_MS = 120_000;

/**
 * Downloads Debian's redis-server with the libraries that this machine lacks and unpacks them into a folder, without
 * root and without installing anything. `<folder>/bin/redis-server` then runs with the unpacked libraries.
 *
 * The folder appears complete or not at all; two processes that unpack at once do not disturb each other.
 *
 * @returns null when it worked, else what did not.
 */
export async function unpackDebianRedis(folder: string): Promise<string | null> {
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}.`);
  try {
    const lists = await findPackageLists(draft);
    if ("problem" in lists) {
      return lists.problem;
    }
    const problem = await unpackUntilItRuns(draft, lists.options);
    if (problem !== null) {
      return problem;
    }
    await rm(join(draft, "apt"), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** apt options under which redis-server can be had: the system's lists, else lists of our own (which need no root). */
async function findPackageLists(
  draft: string,
): Promise<{ readonly options: readonly string[] } | { readonly problem: string }> {
  // As root apt downloads as user _apt, who may not enter this folder.
  const common = ["-o", "APT::Sandbox::User=root"];
  const own = [
    ...common,
    "-o",
    `Dir::State::Lists=${join(draft, "apt", "lists")}`,
    "-o",
    `Dir::Cache=${join(draft, "apt", "cache")}`,
  ];
  if (await isDownloadable(common)) {
    return { options: common };
  }
  await mkdir(join(draft, "apt", "lists", "partial"), { recursive: true });
  await mkdir(join(draft, "apt", "cache", "archives", "partial"), { recursive: true });
  const update = await runTool("apt-get", [...own, "update"], { timeoutInMs: APT_TIMEOUT_IN_MS });
  if (await isDownloadable(own)) {
    return { options: own };
  }
  const problem = "apt knows no source for redis-server, also after apt-get update";
  return { problem: update.failure === null ? problem : `${problem}: ${update.failure}` };
}

/** Whether apt knows where to download both packages from: an installed package alone has no source. */
async function isDownloadable(options: readonly string[]): Promise<boolean> {
  const { failure } = await runTool(
    "apt-get",
    [...options, "download", "--print-uris", ...PACKAGES],
    { timeoutInMs: APT_TIMEOUT_IN_MS },
  );
  return failure === null;
}

async function unpackUntilItRuns(
  draft: string,
  options: readonly string[],
): Promise<string | null> {
  const seen = new Set(PACKAGES);
  let next = [...PACKAGES, ...(await missingLibraries(PACKAGES, { options, seen }))];
  for (let round = 0; round < ROUNDS && next.length > 0; round += 1) {
    const download = await runTool("apt-get", [...options, "download", ...next], {
      cwd: draft,
      timeoutInMs: APT_TIMEOUT_IN_MS,
    });
    if (download.failure !== null) {
      return download.failure;
    }
    await unpackArchives(draft);
    await writePrograms(draft);
    if ("version" in (await readServerVersion(join(draft, "bin", "redis-server")))) {
      return null;
    }
    next = await missingLibraries(next, { options, seen });
  }
  const answer = await readServerVersion(join(draft, "bin", "redis-server"));
  return "problem" in answer ? answer.problem : null;
}

/** Direct library dependencies of some packages that are neither installed nor taken already. */
async function missingLibraries(
  packages: readonly string[],
  known: { readonly options: readonly string[]; readonly seen: Set<string> },
): Promise<string[]> {
  const { output } = await runTool("apt-cache", [...known.options, "depends", ...packages], {
    timeoutInMs: APT_TIMEOUT_IN_MS,
  });
  const missing: string[] = [];
  for (const library of parseLibraryDependencies(output)) {
    if (!known.seen.has(library)) {
      known.seen.add(library);
      if (!(await isInstalled(library))) {
        missing.push(library);
      }
    }
  }
  return missing;
}

async function isInstalled(packageName: string): Promise<boolean> {
  const { output } = await runTool("dpkg-query", ["-W", "-f", "${db:Status-Status}", packageName], {
    timeoutInMs: APT_TIMEOUT_IN_MS,
  });
  return output === "installed";
}

async function unpackArchives(draft: string): Promise<void> {
  const archives = (await readdir(draft)).filter((name) => name.endsWith(".deb"));
  for (const archive of archives) {
    const { failure } = await runTool("dpkg", ["-x", archive, "root"], {
      cwd: draft,
      timeoutInMs: APT_TIMEOUT_IN_MS,
    });
    if (failure !== null) {
      throw new Error(`dpkg -x ${archive}: ${failure}`);
    }
    await rm(join(draft, archive));
  }
}

/** Small scripts that set the library path and become the program, so that its pid is theirs. */
async function writePrograms(draft: string): Promise<void> {
  const root = join(draft, "root");
  const folders = new Set<string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (/\.so(\.|$)/.test(entry.name)) {
      folders.add(`$root/${relative(root, entry.parentPath)}`);
    }
  }
  await mkdir(join(draft, "bin"), { recursive: true });
  for (const program of PROGRAMS) {
    const path = join(draft, "bin", program);
    const lines = [
      "#!/bin/sh",
      'root="$(dirname "$(readlink -f "$0")")/../root"',
      ...(folders.size === 0 ? [] : [libraryPathLine([...folders])]),
      `exec "$root/usr/bin/${program}" "$@"`,
    ];
    await writeFile(path, `${lines.join("\n")}\n`);
    await chmod(path, 0o755);
  }
}

/** An empty element would mean the current folder, so that no colon may stand alone. */
function libraryPathLine(folders: readonly string[]): string {
  return `export LD_LIBRARY_PATH="${folders.join(":")}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`;
}
