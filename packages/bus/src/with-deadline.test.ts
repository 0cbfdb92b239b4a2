import { FakeClock } from "@fleetquake/contract/testing";
import { expect, it } from "vitest";
import { DeadlineExceededError, withDeadline } from "./with-deadline.ts";

/** What came of it, so that a rejection has a handler before the clock moves. */
const settled = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => error);

const never = (): Promise<never> => new Promise(() => undefined);

it("gives the result, and leaves no timer and no listener behind", async () => {
  const clock = new FakeClock();
  const caller = new AbortController();
  const abortSignals = [caller.signal];
  const options = { clock, timeoutInMs: 100, subject: "an answer", abortSignals };
  await expect(withDeadline(options, () => Promise.resolve(42))).resolves.toBe(42);
  expect(clock.armedTimers).toBe(0);
});

it("ends at its deadline what does not listen to its signal, and tells it", async () => {
  const clock = new FakeClock();
  let isTold = false;
  const ended = withDeadline({ clock, timeoutInMs: 100, subject: "an answer" }, (signal) => {
    signal.addEventListener("abort", () => {
      isTold = true;
    });
    return never();
  });
  const end = settled(ended);
  await clock.advance(99);
  expect(isTold).toBe(false);
  await clock.advance(1);
  expect(await end).toBeInstanceOf(DeadlineExceededError);
  expect(isTold).toBe(true);
});

it("ends with the reason of whichever signal fires first", async () => {
  const clock = new FakeClock();
  const caller = new AbortController();
  const options = { clock, timeoutInMs: 100, subject: "an answer", abortSignals: [caller.signal] };
  const ended = withDeadline(options, never);
  caller.abort(new Error("the connection was lost"));
  await expect(ended).rejects.toThrow("the connection was lost");
  expect(clock.armedTimers).toBe(0);
  await expect(withDeadline(options, never)).rejects.toThrow("the connection was lost");
});

it("takes care of what fails after its end", async () => {
  const clock = new FakeClock();
  let fail = (_error: Error): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const ended = withDeadline({ clock, timeoutInMs: 1, subject: "an answer" }, () => late);
  const end = settled(ended);
  await clock.advance(1);
  expect(await end).toBeInstanceOf(DeadlineExceededError);
  // An unhandled rejection would fail the run.
  fail(new Error("too late"));
  await clock.advance(1);
});
