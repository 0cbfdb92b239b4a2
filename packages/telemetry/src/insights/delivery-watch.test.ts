import { silentLog, type LogFields } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { DeliveryWatch } from "./delivery-watch.ts";

function makeWatch() {
  const lines: [string, LogFields | undefined][] = [];
  const watch = new DeliveryWatch({
    ...silentLog,
    warn: (event, fields) => lines.push([event, fields]),
  });
  const send = (next: () => Promise<{ status: number }>): Promise<unknown> =>
    watch.sendRequest({ timeout: 0 }, next).catch(() => undefined);
  return { watch, lines, send };
}

describe("the watch over what is sent", () => {
  it("says once that nothing gets through and once that it does again", async () => {
    const { lines, send } = makeWatch();
    const down = Object.assign(new Error("connect to https://hunter2"), { code: "ECONNREFUSED" });
    await send(() => Promise.resolve({ status: 200 }));
    await send(() => Promise.reject(down));
    await send(() => Promise.resolve({ status: 402 }));
    await send(() => Promise.resolve({ status: 200 }));
    await send(() => Promise.resolve({ status: 402 }));
    await send(() => Promise.reject(new Error("https://hunter2")));
    expect(lines).toEqual([
      ["telemetry-not-delivered", { reason: "ECONNREFUSED" }],
      ["telemetry-delivered-again", undefined],
      ["telemetry-not-delivered", { reason: "HTTP 402" }],
    ]);
  });

  it("bounds every request, and hands on what came of it", async () => {
    const { watch } = makeWatch();
    const request = { timeout: 0 };
    const answer = await watch.sendRequest(request, () => Promise.resolve({ status: 206 }));
    expect(answer).toEqual({ status: 206 });
    expect(request.timeout).toBe(10_000);
    const refused = watch.sendRequest(request, () => Promise.reject(new Error("gone")));
    await expect(refused).rejects.toThrow("gone");
  });

  it("is quiet once the process ends", async () => {
    const { watch, lines, send } = makeWatch();
    watch.end();
    await send(() => Promise.resolve({ status: 500 }));
    expect(lines).toEqual([]);
  });
});
