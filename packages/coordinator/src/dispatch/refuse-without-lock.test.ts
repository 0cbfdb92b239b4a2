import { silentLog, type Log } from "@fleetquake/contract";
import { describe, expect, it, vi } from "vitest";
import { BusUnavailableError } from "../ports/command-bus.ts";
import { LockContendedError } from "../ports/fleet-lock.ts";
import { refuseWithoutLock } from "./refuse-without-lock.ts";

function options(ending = new AbortController().signal) {
  return { ending, log: { ...silentLog, warn: vi.fn<Log["warn"]>() } };
}

describe("refuseWithoutLock", () => {
  it("tells a lock that somebody else holds, and when to come again", () => {
    const { refusal } = refuseWithoutLock(new LockContendedError("halt"), options());
    expect(refusal).toMatchObject({ code: "CHAOS_COLLECTING", retryAfterInMs: 1_000 });
  });

  it("tells of a bus that is away, and logs why", () => {
    const error = new BusUnavailableError("no link");
    const given = options();
    expect(refuseWithoutLock(error, given).refusal.code).toBe("CHAOS_BUS_UNAVAILABLE");
    expect(given.log.warn).toHaveBeenCalledWith("command-not-published", { error });
  });

  it("puts everything down to the shutdown once that has begun", () => {
    const given = options(AbortSignal.abort());
    const { refusal } = refuseWithoutLock(new BusUnavailableError("no link"), given);
    expect(refusal.code).toBe("SHUTTING_DOWN");
    expect(given.log.warn).not.toHaveBeenCalled();
  });

  it("swallows nothing that nobody foresaw", () => {
    const error = new TypeError("a mistake");
    expect(() => refuseWithoutLock(error, options())).toThrow(error);
  });
});
