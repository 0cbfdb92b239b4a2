import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const SCRIPTS = new URL("../../infra/scripts/", import.meta.url);
const LOCK_TAKER = fileURLToPath(
  new URL("../support/apps/launcher/take-lock.mjs", import.meta.url),
);

/** A folder that goes away with the scope. */
async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "fleetquake-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function takeLockElsewhere(folder: string): Promise<void> {
  const module = new URL("take-lock.mjs", SCRIPTS).href;
  const parameters = [LOCK_TAKER, module, join(folder, "lock"), join(folder, "inside")];
  await promisify(execFile)(process.execPath, parameters, { timeout: 30_000 });
}

/** The id of a process that has ended. */
function deadPid(): number {
  return spawnSync("true").pid;
}

describe("takeLock", () => {
  it("lets one process in at a time", async () => {
    await using folder = await temporaryFolder();
    await Promise.all(Array.from({ length: 6 }, () => takeLockElsewhere(folder.path)));
    expect(existsSync(join(folder.path, "lock"))).toBe(false);
  });

  it("takes over from processes that died inside, one at a time", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "lock"), `${deadPid()} ${deadPid()}\n`);
    await Promise.all(Array.from({ length: 6 }, () => takeLockElsewhere(folder.path)));
    expect(existsSync(join(folder.path, "lock"))).toBe(false);
  });

  it("waits for a child that outlives the process which took the lock, and then names the file", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "lock");
    await writeFile(path, `${deadPid()} ${process.ppid}\n`);
    const { takeLock } = await import(new URL("take-lock.mjs", SCRIPTS).href);
    const waits: number[] = [];
    const taking = takeLock(path, { timeoutInMs: 300, onWait: (pid: number) => waits.push(pid) });
    await expect(taking).rejects.toThrow(path);
    expect(waits).toEqual([process.ppid]);
  });
});

describe("whyInstall", () => {
  const wanted = {
    "": { name: "root" },
    "packages/a": { version: "0.1.0" },
    "node_modules/a": { resolved: "packages/a", link: true },
    "node_modules/b": { version: "1.2.3" },
    "node_modules/elsewhere": { version: "1.0.0", optional: true, os: ["sunos"] },
    "node_modules/here": { version: "1.0.0", optional: true, os: [process.platform] },
  };
  const installed = {
    "node_modules/a": wanted["node_modules/a"],
    "node_modules/b": wanted["node_modules/b"],
    "node_modules/here": wanted["node_modules/here"],
  };

  async function reasonFor(record: object | null): Promise<string | null> {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await writeFile(join(path, "package-lock.json"), JSON.stringify({ packages: wanted }));
    for (const name of ["a", "b", "here"]) {
      await mkdir(join(path, "node_modules", name), { recursive: true });
    }
    if (record !== null) {
      const text = JSON.stringify({ packages: record });
      await writeFile(join(path, "node_modules", ".package-lock.json"), text);
    }
    const { whyInstall } = await import(new URL("prepare.mjs", SCRIPTS).href);
    return whyInstall(path);
  }

  it("finds nothing to do in a tree of the lock file, without the binaries of other platforms", async () => {
    expect(await reasonFor(installed)).toBeNull();
  });

  it("installs into a fresh clone, and after an installation that was broken off", async () => {
    expect(await reasonFor(null)).toBe("nothing is installed yet");
  });

  it("installs when the lock file has moved on, or a binary of this platform is missing", async () => {
    const old = { ...installed, "node_modules/b": { version: "1.2.2" } };
    expect(await reasonFor(old)).toContain("node_modules/b");
    const { "node_modules/here": _, ...foreign } = installed;
    expect(await reasonFor(foreign)).toContain("node_modules/here");
  });
});
