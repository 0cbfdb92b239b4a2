import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { systemClock } from "@fleetquake/contract";
import { describe, expect, it, vi } from "vitest";
import { LoopHang } from "./loop-hang.ts";

/** Another thread that blocks as soon as it is started, and says how it found its end. */
const BLOCKING = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData.module).then(({ LoopHang }) => {
    const clock = { monotonicInMs: () => Number(process.hrtime.bigint()) / 1e6 };
    new LoopHang(workerData.shared).block(clock);
    parentPort.postMessage("free");
  });
`;

function inMs(spanInMs: number): { beginsByInMs: number; endsAtInMs: number } {
  const nowInMs = systemClock.monotonicInMs();
  return { beginsByInMs: nowInMs + 60_000, endsAtInMs: nowInMs + spanInMs };
}

function blockElsewhere(hang: LoopHang): Worker {
  const module = new URL("../../dist/hang/loop-hang.js", import.meta.url).href;
  return new Worker(BLOCKING, { eval: true, workerData: { module, shared: hang.shared } });
}

async function untilHanging(hang: LoopHang): Promise<void> {
  await vi.waitFor(() => expect(hang.state).toBe("hanging"), { timeout: 10_000 });
}

describe("LoopHang", () => {
  it("blocks the thread that takes the request until the moment, by the wait's own timeout", () => {
    const hang = new LoopHang();
    const { beginsByInMs, endsAtInMs } = inMs(50);
    hang.request({ beginsByInMs, endsAtInMs });
    new LoopHang(hang.shared).block(systemClock);
    expect(systemClock.monotonicInMs()).toBeGreaterThanOrEqual(endsAtInMs - 0.01);
    expect(hang.state).toBe("over");
  });

  it("lets a blocked thread go at once when it is ended", async () => {
    const hang = new LoopHang();
    hang.request(inMs(300_000));
    const worker = blockElsewhere(hang);
    const free = once(worker, "message");
    await untilHanging(hang);
    expect(hang.withdraw()).toBe(false);
    hang.end();
    expect(await free).toEqual(["free"]);
    expect(hang.state).toBe("over");
    await worker.terminate();
  });

  it("blocks nobody once it was withdrawn, and is over only once", () => {
    const hang = new LoopHang();
    hang.request(inMs(300_000));
    expect(hang.withdraw()).toBe(true);
    new LoopHang(hang.shared).block(systemClock);
    expect(hang.state).toBe("none");
    hang.end();
    expect(hang.state).toBe("none");
  });

  it("does not begin when its time to begin has passed, also when nobody is left to withdraw it", () => {
    const hang = new LoopHang();
    const nowInMs = systemClock.monotonicInMs();
    hang.request({ beginsByInMs: nowInMs - 1, endsAtInMs: nowInMs + 300_000 });
    new LoopHang(hang.shared).block(systemClock);
    expect(hang.state).toBe("none");
  });

  it("is not taken twice: a second message finds nothing to do", () => {
    const hang = new LoopHang();
    hang.request(inMs(1));
    hang.block(systemClock);
    const startInMs = systemClock.monotonicInMs();
    hang.block(systemClock);
    expect(systemClock.monotonicInMs() - startInMs).toBeLessThan(5_000);
    expect(hang.state).toBe("over");
  });

  it("is free for the next hang while the thread that was let go has not woken yet", async () => {
    const hang = new LoopHang();
    hang.request(inMs(300_000));
    const worker = blockElsewhere(hang);
    const free = once(worker, "message");
    await untilHanging(hang);
    hang.end();
    hang.request(inMs(300_000));
    expect(await free).toEqual(["free"]);
    // Waking up has not touched what was asked for meanwhile.
    expect(hang.state).toBe("requested");
    await worker.terminate();
  });
});
