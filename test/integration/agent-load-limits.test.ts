import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createLoadGenerator } from "@fleetquake/agent/testing/load";
import { systemClock, type LoadLevel, type LoadReport } from "@fleetquake/contract";
import { FaultRefusedError, type LoadGenerator } from "@fleetquake/replica";
import { describe, expect, it, type TestContext } from "vitest";
import { HAS_PROC } from "../support/process-tree.ts";
import { processUsage } from "../support/process-usage.ts";
import { makeSmallCgroup, type SmallCgroup } from "../support/small-cgroup.ts";
import { LoadedApp } from "../support/start-loaded-app.ts";

const MB = 1024 * 1024;
const WATCH_IN_MS = 3_000;

/** A folder that shows a container with a limit of memory, as / would. */
async function makeContainerFiles(limitInMb: number) {
  const root = await mkdtemp(join(tmpdir(), "fleetquake-limits-"));
  const files = {
    "/proc/self/cgroup": "0::/\n",
    "/proc/self/mountinfo": "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
    "/sys/fs/cgroup/memory.max": `${limitInMb * MB}\n`,
    "/sys/fs/cgroup/memory.current": `${100 * MB}\n`,
    "/sys/fs/cgroup/memory.stat": "inactive_file 0\n",
    "/sys/fs/cgroup/cpu.max": "50000 100000\n",
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

function threads(): number {
  return HAS_PROC ? processUsage(process.pid).threads : 0;
}

/** A load of this process, which runs from source here. */
function startHere(generator: LoadGenerator, level: LoadLevel): Promise<LoadReport> {
  const endsAtMonotonicInMs = systemClock.monotonicInMs() + 60_000;
  return generator.start({ level, endsAtMonotonicInMs });
}

/** A control group with half a core; a machine that gives none skips the test with its reason. */
function smallCgroup(context: TestContext, memoryLimitInMb: number): SmallCgroup {
  try {
    return makeSmallCgroup({ cpuQuotaInCores: 0.5, memoryLimitInMb });
  } catch (error) {
    return context.skip(`no control group can be made here: ${String(error)}`);
  }
}

describe("the limits of a process", () => {
  it("refuse a load before anything is begun, with the figures", async () => {
    await using files = await makeContainerFiles(250);
    const before = threads();
    const refusal = await startHere(createLoadGenerator({ limitsRoot: files.root }), "medium").then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(FaultRefusedError);
    expect(refusal).toMatchObject({
      code: "INSUFFICIENT_MEMORY",
      message: expect.stringMatching(/wants 500 MB .* 125 MB may be used: .* 250 MB, 100 MB/u),
    });
    expect(threads()).toBe(before);
  });

  it("refuse the next load, and the one before is over all the same", async () => {
    await using files = await makeContainerFiles(250);
    const generator = createLoadGenerator({ limitsRoot: files.root });
    const before = threads();
    await startHere(generator, "low");
    expect(threads()).toBe(before + (HAS_PROC ? 2 : 0));
    await expect(startHere(generator, "high")).rejects.toThrow(/wants 1000 MB/u);
    expect(threads()).toBe(before);
  });

  it("make a load small where they are real: a share of the quota", {
    retry: 3,
  }, async (context) => {
    await using group = smallCgroup(context, 1_400);
    await using app = await LoadedApp.start();
    group.add(app.pid);
    const { report: low } = await app.start("low");
    const seenLow = await app.watch(WATCH_IN_MS);
    const { report: high } = await app.start("high");
    const seenHigh = await app.watch(WATCH_IN_MS);
    const cores = [seenLow, seenHigh].map((seen) => seen.cores.toFixed(3));
    process.stdout.write(`of half a core: low ${cores[0]}, high ${cores[1]} cores\n`);
    expect(low).toEqual({ cpu_cores: 0.15, memory_mb: 100, limited_by: "cpu-quota" });
    expect(high).toEqual({ cpu_cores: 0.45, memory_mb: 1_000, limited_by: "cpu-quota" });
    expect(seenHigh.cores).toBeLessThan(0.6);
    expect(seenHigh.cores / seenLow.cores).toBeGreaterThan(1.8);
    expect(seenHigh.cores / seenLow.cores).toBeLessThan(4.5);
  });

  it("refuse where they are real what would end the process", async (context) => {
    await using group = smallCgroup(context, 300);
    await using app = await LoadedApp.start();
    group.add(app.pid);
    const refusal = await app.refused("medium");
    process.stdout.write(`${refusal.message}\n`);
    expect(refusal).toMatchObject({ name: "FaultRefusedError", code: "INSUFFICIENT_MEMORY" });
    expect(refusal.message).toContain("of the container's 300 MB");
    expect((await app.start("low")).report.memory_mb).toBe(100);
  });

  it("are not exceeded by loads of two processes that begin at the same time", async (context) => {
    await using group = smallCgroup(context, 900);
    await using one = await LoadedApp.start();
    await using other = await LoadedApp.start();
    const apps = [one, other];
    apps.forEach((app) => group.add(app.pid));
    apps.forEach((app) => app.tell("start", { level: "medium", spanInMs: 60_000 }));
    const refusal = await Promise.race(apps.map((app) => app.answer("failed")));
    expect(refusal.code).toBe("INSUFFICIENT_MEMORY");
    // Both live on: whoever took more than there is would have been killed.
    await Promise.all(apps.map((app) => app.stop()));
  });
});
