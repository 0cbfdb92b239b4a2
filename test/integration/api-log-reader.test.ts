import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { freePort } from "@fleetquake/embedded";
import { askFrom } from "../support/ask-from.ts";
import { startApiProcess, type StartedApiProcess } from "../support/start-api-process.ts";

const END_WITHIN_IN_MS = 20_000;

async function start(): Promise<StartedApiProcess> {
  return await startApiProcess({
    REDIS_ENABLED: "false",
    LOG_LEVEL: "debug",
    FLEETQUAKE_BUS_CONNECTION_STRING: `Endpoint=sb://127.0.0.1:${await freePort()};SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true`,
  });
}

/** Nobody reads any more; what the API says from now on meets EPIPE. */
async function loseReader({ child }: StartedApiProcess): Promise<void> {
  child.stdout?.destroy();
  child.stderr?.destroy();
  await once(child.stdout ?? child, "close");
}

describe("an API whose log nobody reads any more", () => {
  it("answers all the same, and ends on SIGTERM", async () => {
    await using api = await start();
    await loseReader(api);
    for (let request = 1; request <= 5; request += 1) {
      const { status } = await askFrom({ port: api.port, path: "/nowhere" });
      expect(status).toBe(404);
    }
    expect(await api.stop()).toBe(0);
  });

  it("ends when its launcher is gone, with lines unread", async () => {
    await using api = await start();
    api.child.stdout?.pause();
    // More than the pipe holds.
    for (let request = 1; request <= 1_000; request += 1) {
      await askFrom({ port: api.port, path: `/${"nowhere".repeat(100)}` });
    }
    await loseReader(api);
    const exited = once(api.child, "exit", { signal: AbortSignal.timeout(END_WITHIN_IN_MS) });
    api.child.disconnect();
    expect(await exited).toEqual([0, null]);
  });
});
