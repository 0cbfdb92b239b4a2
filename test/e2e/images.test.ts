import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFile, cp } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { FleetStatus, RedisResetAnswer } from "@fleetquake/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { makeApiKey, sha256Of } from "../support/guarded-api.ts";
import { makeLocalImage } from "../support/make-local-image.ts";
import { openOwnDocker, type OpenedDocker } from "../support/open-docker.ts";
import { requestJson } from "../support/request-json.ts";
import type { StartedDocker } from "../support/start-docker.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { waitFor } from "../support/wait-for.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TARGETS = ["api", "worker", "broker"] as const;
const BUILD_TIMEOUT_IN_MS = 900_000;
const key = makeApiKey();
/** Of a checkout, what is large and no part of an image. */
const OUTSIDE = new Set(["node_modules", "dist", "bundle", ".git", ".cache"]);

let opened: OpenedDocker;
let docker: StartedDocker;
let compose: (...parameters: readonly string[]) => Promise<unknown>;
let urls: readonly string[];

beforeAll(async () => {
  opened =
    process.env["FLEETQUAKE_TEST_SIZE"] === "full"
      ? await openOwnDocker(["docker-compose"])
      : { kind: "none", reason: "building takes minutes; runs with FLEETQUAKE_TEST_SIZE=full" };
  if (opened.kind === "none") {
    process.stdout.write(`skipped: images of the fleet: ${opened.reason}\n`);
    return;
  }
  docker = opened.docker;
  await makeLocalImage(docker, { kind: "node", tag: "local-node" });
  await makeLocalImage(docker, { kind: "redis", tag: "local-redis" });
  for (const target of TARGETS) {
    await build(target, { context: ROOT, tag: `fleetquake-${target}` });
  }
  await composeFleet();
}, BUILD_TIMEOUT_IN_MS);

afterAll(async () => {
  try {
    await compose?.("down", "--timeout", "8");
  } finally {
    await docker?.[Symbol.asyncDispose]();
  }
}, 120_000);

beforeEach((context) => {
  if (opened.kind === "none") {
    context.skip(opened.reason);
  }
});

async function build(target: string, { context, tag }: { context: string; tag: string }) {
  const file = ["--file", join(context, "infra/images/Dockerfile"), "--target", target];
  const local = ["--network", "host", "--build-arg", "NODE_IMAGE=local-node"];
  await docker.docker("build", ...local, ...file, "--tag", tag, context);
}

async function composeFleet(): Promise<void> {
  const ports = [await freePort(), await freePort()];
  urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const env = {
    ...docker.env,
    APP_PORT: String(ports[0]),
    APP_PORT_2: String(ports[1]),
    FLEETQUAKE_REDIS_IMAGE: "local-redis",
    FLEETQUAKE_BUS_KEY: randomBytes(32).toString("base64"),
    FLEETQUAKE_API_KEYS_OPERATE: sha256Of(key),
  };
  const file = ["--project-name", "fleetquake-test", "--file", "infra/compose/fleet.yml"];
  compose = (...parameters) => run("docker-compose", [...file, ...parameters], { env, cwd: ROOT });
  await compose("up", "--detach", "--no-build");
}

describe("the images", () => {
  function ask<T>(path: string, { method = "GET", api = 0 } = {}) {
    return requestJson<T>(`${urls[api] ?? ""}${path}`, { method, headers: { "x-api-key": key } });
  }

  /** Until this API knows two APIs and three workers. */
  async function untilReady(): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      const { body } = await ask<FleetStatus>("/chaos/status");
      return body.roster === "ready" && body.fleet.active === 5;
    };
    await waitFor(() => isReady().catch(() => false), { what: "a fleet", timeoutInMs: 90_000 });
  }

  it("run a fleet whose reset is complete, also while Redis is paused, and that a halt stops", async () => {
    await untilReady();
    const first = await ask<RedisResetAnswer>("/chaos/redis-reset", { method: "POST" });
    expect([first.status, first.body.outcome]).toEqual([200, "complete"]);
    expect(first.body.connections_closed).toBeGreaterThanOrEqual(9);
    expect(first.body.fleet).toMatchObject({ expected: 5, acknowledged: 5 });
    await docker.docker("pause", "fleetquake-test_redis_1");
    try {
      const isOver = async (): Promise<boolean> =>
        (await ask<RedisResetAnswer>("/chaos/redis-reset", { method: "POST", api: 1 })).status ===
        200;
      await waitFor(isOver, { what: "a reset while Redis is paused", timeoutInMs: 30_000 });
      expect((await ask("/health")).status).toBe(503);
    } finally {
      await docker.docker("unpause", "fleetquake-test_redis_1");
    }
    const isBack = async (): Promise<boolean> => (await ask("/")).status === 200;
    await waitFor(isBack, { what: "Redis", timeoutInMs: 30_000 });
    const halted = await ask<{ readonly status: string }>("/chaos/halt", { method: "POST" });
    expect([halted.status, halted.body.status]).toEqual([200, "halted"]);
    expect((await ask("/chaos/redis-reset", { method: "POST" })).status).toBe(423);
  });

  it("run as nobody special, on a file system that cannot be written, and say that they are healthy", async () => {
    for (const name of ["api-1", "worker-1", "broker"]) {
      const container = `fleetquake-test_${name}_1`;
      const uid = "console.log(process.getuid())";
      expect(await docker.docker("exec", container, "node", "-e", uid)).toBe("1000");
      const writing = docker.docker("exec", container, "touch", "/app/file");
      await expect(writing).rejects.toThrow(/[Rr]ead-only/);
      const isHealthy = async (): Promise<boolean> =>
        (await docker.docker("inspect", "--format={{.State.Health.Status}}", container)) ===
        "healthy";
      await waitFor(isHealthy, { what: `healthy ${name}`, timeoutInMs: 90_000 });
    }
  });

  it("end on SIGTERM by themselves, with exit code 0", async () => {
    await compose("stop", "--timeout", "30", "api-1", "worker-1", "broker");
    for (const name of ["api-1", "worker-1", "broker"]) {
      const container = `fleetquake-test_${name}_1`;
      expect(await docker.docker("inspect", "--format={{.State.ExitCode}}", container)).toBe("0");
    }
  });

  it("keep every layer but the last when a source changes, that of the modules too", async () => {
    const layersOf = async (tag: string): Promise<readonly string[]> =>
      JSON.parse(await docker.docker("image", "inspect", "--format={{json .RootFS.Layers}}", tag));
    await using folder = await temporaryFolder();
    const isKept = (path: string): boolean => !OUTSIDE.has(basename(path));
    await cp(ROOT, folder.path, { recursive: true, filter: isKept });
    await appendFile(join(folder.path, "apps/worker/src/main.ts"), "process.title = 'other';\n");
    await build("worker", { context: folder.path, tag: "other-worker" });
    const before = await layersOf("fleetquake-worker");
    const after = await layersOf("other-worker");
    expect(after).toHaveLength(before.length);
    expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
    expect(after.at(-1)).not.toBe(before.at(-1));
  }, 300_000);
});
