import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { askFrom } from "../support/ask-from.ts";
import { freePort } from "../support/free-port.ts";
import { killChild } from "../support/kill-child.ts";
import { startApiProcess } from "../support/start-api-process.ts";

const WORKER = fileURLToPath(new URL("../../apps/worker/bundle/app/main.js", import.meta.url));
const READY_WITHIN_IN_MS = 20_000;
const END_WITHIN_IN_MS = 20_000;

/** Neither Redis nor a bus, and much to say. */
async function environment(): Promise<Record<string, string>> {
  return {
    REDIS_ENABLED: "false",
    LOG_LEVEL: "debug",
    FLEETQUAKE_BUS_CONNECTION_STRING: `Endpoint=sb://127.0.0.1:${await freePort()};SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true`,
  };
}

/** Nobody reads any more; what the process says from now on meets EPIPE. */
async function loseReader({ stdout, stderr }: ChildProcess): Promise<void> {
  if (stdout === null || stderr === null) {
    throw new Error("the process has no pipes");
  }
  const closed = once(stdout, "close");
  stdout.destroy();
  stderr.destroy();
  await closed;
}

/** The exit code and the signal. */
async function endOf(child: ChildProcess): Promise<readonly unknown[]> {
  return await once(child, "exit", { signal: AbortSignal.timeout(END_WITHIN_IN_MS) });
}

describe("an API whose log nobody reads any more", () => {
  it("answers all the same, and ends on SIGTERM", async () => {
    await using api = await startApiProcess(await environment());
    await loseReader(api.child);
    for (let request = 1; request <= 5; request += 1) {
      const { status } = await askFrom({ port: api.port, path: "/nowhere" });
      expect(status).toBe(404);
    }
    expect(await api.stop()).toBe(0);
  });

  it("ends when its launcher is gone, with lines unread", async () => {
    await using api = await startApiProcess(await environment());
    api.child.stdout?.pause();
    // More than the pipe holds.
    for (let request = 1; request <= 1_000; request += 1) {
      await askFrom({ port: api.port, path: `/${"nowhere".repeat(100)}` });
    }
    await loseReader(api.child);
    const end = endOf(api.child);
    api.child.disconnect();
    expect(await end).toEqual([0, null]);
  });
});

describe("a worker whose log nobody reads any more", () => {
  it("ends with 0 as it would have with a reader", async () => {
    const child = spawn(process.execPath, [WORKER], {
      env: { PATH: process.env["PATH"], ...(await environment()) },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    await using _ended = { [Symbol.asyncDispose]: () => killChild(child) };
    await once(child, "message", { signal: AbortSignal.timeout(READY_WITHIN_IN_MS) });
    await loseReader(child);
    const end = endOf(child);
    child.kill("SIGTERM");
    expect(await end).toEqual([0, null]);
  });
});
