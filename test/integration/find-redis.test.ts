import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRedisProgram, startRedisServer } from "@fleetquake/embedded";
import { describe, expect, it } from "vitest";
import { RedisInspector } from "../support/redis-inspector.ts";

/** An empty folder for commands, and one for the cache. */
async function emptyMachine(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "fleetquake-path-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A server of this machine, wherever it comes from. */
function anyServer(): Promise<string> {
  return pathOf(process.env["PATH"] ?? "", join(import.meta.dirname, "../../.cache"));
}

async function pathOf(path: string, cacheFolder: string): Promise<string> {
  const program = await findRedisProgram({ path, cacheFolder, say: () => undefined });
  return program.path;
}

describe("findRedisProgram", () => {
  it("prefers redis-server to valkey-server, and takes valkey-server where it is alone", async () => {
    await using machine = await emptyMachine();
    const server = await anyServer();
    await symlink(server, join(machine.path, "valkey-server"));
    expect(await pathOf(machine.path, machine.path)).toBe(join(machine.path, "valkey-server"));
    await symlink(server, join(machine.path, "redis-server"));
    expect(await pathOf(machine.path, machine.path)).toBe(join(machine.path, "redis-server"));
  });

  it("passes over a redis-server that does not run", async () => {
    await using machine = await emptyMachine();
    await writeFile(join(machine.path, "redis-server"), "#!/bin/sh\nexit 3\n", { mode: 0o755 });
    await symlink(await anyServer(), join(machine.path, "valkey-server"));
    expect(await pathOf(machine.path, machine.path)).toBe(join(machine.path, "valkey-server"));
  });

  it("names each thing that it tried, and how to install one, when there is none", async () => {
    await using machine = await emptyMachine();
    const finding = pathOf(machine.path, machine.path);
    await expect(finding).rejects.toThrow(
      /REDIS_URL.*redis-server on PATH.*valkey-server on PATH.*apt-get.*docker.*apt-get install redis-server/s,
    );
  });

  it("unpacks Debian's package without installing it, where there is apt and no server", async (ctx) => {
    await using machine = await emptyMachine();
    const isDebian = await linkCommandsButServers(machine.path);
    if (!isDebian) {
      ctx.skip("no apt-get on this machine");
    }
    const finding = findRedisProgram({
      path: machine.path,
      cacheFolder: join(machine.path, "cache"),
      say: () => undefined,
    });
    const program = await finding.catch((error: unknown) => String(error));
    if (typeof program === "string") {
      return ctx.skip(`apt-get cannot download here: ${program}`);
    }
    expect(program.path).toBe(join(machine.path, "cache", "redis-debian", "bin", "redis-server"));
    const logFile = join(machine.path, "redis.log");
    const redis = await startRedisServer(program, { env: process.env, logFile });
    await using _server = redis.process;
    await using inspector = new RedisInspector(redis.url);
    expect(await inspector.redis.ping()).toBe("PONG");
    expect(await inspector.redis.info("server")).toContain(`process_id:${redis.process.pid}\r`);
    await redis.process.stop(1_200);
    expect(existsSync(`/proc/${redis.process.pid}`)).toBe(false);
  });
});

/** Everything of this machine's PATH except Redis and Docker; false where there is no apt-get. */
async function linkCommandsButServers(folder: string): Promise<boolean> {
  const hidden = /^(?:redis|valkey|docker)/;
  for (const source of ["/usr/bin", "/bin"]) {
    for (const name of await readdir(source).catch(() => [])) {
      if (!hidden.test(name) && !existsSync(join(folder, name))) {
        await symlink(join(source, name), join(folder, name)).catch(() => undefined);
      }
    }
  }
  return existsSync(join(folder, "apt-get"));
}
