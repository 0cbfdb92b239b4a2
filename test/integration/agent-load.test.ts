import { readdirSync, readlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { HAS_PROC } from "../support/process-tree.ts";
import { coresUsed, type ProcessUsage } from "../support/process-usage.ts";
import { LoadedApp } from "../support/start-loaded-app.ts";
import { until } from "../support/until.ts";

const WATCH_IN_MS = 3_000;

/** How much more memory a process has resident than before. */
function grownInMb(before: ProcessUsage, after: ProcessUsage): number {
  return after.residentInMb - before.residentInMb;
}

/** Which modules' files a process holds open. */
function openModulesOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  const files = readdirSync(folder).flatMap((name) => {
    const file = linkOf(`${folder}/${name}`);
    return file?.endsWith(".js") ? [file] : [];
  });
  return files.toSorted((one, other) => one.localeCompare(other));
}

/** null for one that has been closed meanwhile. */
function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

describe.skipIf(!HAS_PROC)("a load (needs /proc to see it from outside)", () => {
  // A machine that has less than a core to spare gives no load of a core.
  it("burns its level's share of a core and leaves the event loop alone", {
    retry: 3,
  }, async () => {
    await using app = await LoadedApp.start();
    const idle = await app.watch(WATCH_IN_MS);
    await app.start("low");
    const low = await app.watch(WATCH_IN_MS);
    await app.start("high");
    const high = await app.watch(WATCH_IN_MS);
    const cores = [idle, low, high].map((seen) => seen.cores.toFixed(3));
    const p99 = [idle, low, high].map((seen) => seen.p99InMs.toFixed(1));
    process.stdout.write(`cores ${cores.join(", ")}; loop's p99 ${p99.join(", ")} ms\n`);
    expect(idle.cores).toBeLessThan(0.1);
    expect(low.cores).toBeGreaterThan(0.15);
    expect(high.cores).toBeLessThan(1.2);
    expect(high.cores / low.cores).toBeGreaterThan(1.8);
    expect(high.cores / low.cores).toBeLessThan(4.5);
    expect(high.meanInMs).toBeLessThan(3 * idle.meanInMs);
    expect(high.p99InMs).toBeLessThan(10 * idle.p99InMs);
  });

  it("holds its level's memory and gives it back when it is stopped", async () => {
    await using app = await LoadedApp.start();
    const before = app.usage();
    for (const level of ["low", "medium", "high"] as const) {
      const { report } = await app.start(level);
      const held = grownInMb(before, app.usage());
      await app.stop();
      const left = grownInMb(before, app.usage());
      process.stdout.write(`${level}: ${held.toFixed(0)} MB held, ${left.toFixed(0)} MB left\n`);
      expect(held / report.memory_mb).toBeGreaterThan(0.95);
      expect(held - left).toBeGreaterThan(0.9 * report.memory_mb);
      expect(app.usage().threads).toBe(before.threads);
    }
  });

  it("is replaced by the next one", async () => {
    await using app = await LoadedApp.start();
    const before = app.usage();
    await app.start("high");
    const high = app.usage();
    const { report } = await app.start("low");
    expect(report).toEqual({ cpu_cores: 0.3, memory_mb: 100, limited_by: null });
    expect(grownInMb(before, app.usage())).toBeLessThan(grownInMb(before, high) / 3);
    expect(app.usage().threads).toBe(high.threads);
  });

  it("ends by itself in time, also while the process's own event loop stands still", async () => {
    await using app = await LoadedApp.start();
    const before = app.usage();
    const { endsAtMonotonicInMs } = await app.start("high", 5_000);
    app.tell("block", { spanInMs: 20_000 });
    let last = app.usage();
    await until(() => {
      const now = app.usage();
      if (grownInMb(before, now) < 300) {
        return true;
      }
      last = now;
      return false;
    }, 15_000);
    const ended = app.usage();
    const lateInMs = ended.atMonotonicInMs - endsAtMonotonicInMs;
    process.stdout.write(`memory given back ${lateInMs.toFixed(0)} ms after the end\n`);
    expect(grownInMb(before, last)).toBeGreaterThan(300);
    expect(ended.atMonotonicInMs).toBeGreaterThanOrEqual(endsAtMonotonicInMs);
    expect(lateInMs).toBeLessThan(5_000);
    // The event loop still stands still: nobody but the load itself can have ended it.
    await expect(app.answer("unblocked", 1)).rejects.toThrow("no message");
    const idleFrom = app.usage();
    await until(() => app.usage().atMonotonicInMs > idleFrom.atMonotonicInMs + 2_000);
    expect(coresUsed(idleFrom, app.usage())).toBeLessThan(0.1);
  });

  it("can be stopped before it is in effect, and leaves nothing behind", async () => {
    await using app = await LoadedApp.start();
    const before = app.usage();
    app.tell("start", { level: "high", spanInMs: 60_000 });
    app.tell("stop");
    expect((await app.answer("failed")).message).toBe("The load ended before it was in effect");
    await app.answer("stopped");
    expect(app.usage().threads).toBe(before.threads);
    expect(grownInMb(before, app.usage())).toBeLessThan(300);
  });

  it("leaves no file open, whenever it is stopped", async () => {
    await using app = await LoadedApp.start();
    await app.start("low");
    await app.stop();
    const before = openModulesOf(app.pid);
    for (let round = 0; round < 60; round += 1) {
      app.tell("start", { level: "low", spanInMs: 60_000 });
      // Loading its modules takes a thread some tens of milliseconds: each of them is a moment to be stopped at.
      await new Promise((resolve) => setTimeout(resolve, round));
      app.tell("stop");
      await app.answer("stopped");
    }
    expect(openModulesOf(app.pid)).toEqual(before);
  });

  it("is not begun when its time is over before it is in effect", async () => {
    await using app = await LoadedApp.start();
    const before = app.usage();
    app.tell("start", { level: "high", spanInMs: 1 });
    expect((await app.answer("failed")).message).toBe("The load ended before it was in effect");
    expect(app.usage().threads).toBe(before.threads);
  });

  it("dies with the thread that started it", async () => {
    await using app = await LoadedApp.start();
    const before = app.usage();
    app.tell("startInThread");
    await app.answer("started-in-thread");
    expect(grownInMb(before, app.usage())).toBeGreaterThan(900);
    app.tell("endThread");
    await app.answer("thread-ended");
    expect(app.usage().threads).toBe(before.threads);
    expect(grownInMb(before, app.usage())).toBeLessThan(300);
    expect((await app.watch(1_000)).cores).toBeLessThan(0.1);
  });

  it("keeps no process alive, runs none of its preloads, and prints nothing", async () => {
    const preload = `data:text/javascript,process._rawDebug('preloaded')`;
    await using app = await LoadedApp.start({ NODE_OPTIONS: `--import=${preload}` });
    await app.start("low");
    app.tell("end");
    expect(await app.ended).toEqual({ code: 0, signal: null });
    expect(app.output).toBe("preloaded\n");
  });
});
