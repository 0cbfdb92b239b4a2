import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { RequestHangs } from "./request-hangs.ts";

const staying = new AbortController().signal;

describe("RequestHangs", () => {
  it("ends by its time, and counts down", async () => {
    const clock = new FakeClock();
    const hangs = new RequestHangs(clock);
    const hang = hangs.hang(10, staying);
    await clock.advance(9_500);
    expect(hangs.status).toEqual({ active: true, scope: "request", remaining_seconds: 1 });
    await clock.advance(500);
    expect(await hang).toBe("completed");
    expect(hangs.status.active).toBe(false);
  });

  it("with 0 hangs until it is released, whenever that is", async () => {
    const clock = new FakeClock();
    const hangs = new RequestHangs(clock);
    const hang = hangs.hang(0, staying);
    await clock.advance(86_400_000);
    expect(hangs.status).toEqual({ active: true, scope: "request", remaining_seconds: 0 });
    expect(hangs.release()).toBe(true);
    expect(await hang).toBe("released");
    expect(hangs.release()).toBe(false);
  });

  it("ends when its client goes away, and lets the next one hang", async () => {
    const hangs = new RequestHangs(new FakeClock());
    const client = new AbortController();
    const hang = hangs.hang(0, client.signal);
    client.abort();
    expect(await hang).toBe("gone");
    expect(await hangs.hang(0, client.signal)).toBe("gone");
    expect(hangs.status.active).toBe(false);
  });

  it("lets one request hang at a time", () => {
    const hangs = new RequestHangs(new FakeClock());
    void hangs.hang(0, staying);
    expect(() => hangs.hang(1, staying)).toThrow("hangs already");
  });
});
