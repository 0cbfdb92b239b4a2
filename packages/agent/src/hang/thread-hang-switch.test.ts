import { FakeClock } from "@fleetquake/contract/testing";
import { FaultRefusedError } from "@fleetquake/replica";
import { describe, expect, it } from "vitest";
import { JobHang } from "./job-hang.ts";
import { LoopHang } from "./loop-hang.ts";
import { ThreadHangSwitch } from "./thread-hang-switch.ts";

/** A switch, and the application's side of its memory; `answer` is what the loop does when it is asked. */
function createSwitch(answer: (loop: LoopHang) => void = () => undefined) {
  const clock = new FakeClock();
  const loop = new LoopHang();
  const jobs = new JobHang();
  const hangSwitch = new ThreadHangSwitch({
    clock,
    memory: { loop: loop.shared, jobs: jobs.shared },
    askLoop: () => answer(loop),
  });
  const endsIn = (spanInMs: number): number => clock.monotonicInMs() + spanInMs;
  return { clock, loop, jobs, hangSwitch, endsIn };
}

describe("ThreadHangSwitch", () => {
  it("gives a hang of the loop up after two seconds, so that it does not begin later", async () => {
    const { clock, loop, hangSwitch, endsIn } = createSwitch();
    const begun = hangSwitch.begin({ scope: "process", endsAtMonotonicInMs: endsIn(60_000) });
    const failure = begun.catch((error: unknown) => error);
    await clock.advance(1_900);
    expect(loop.state).toBe("requested");
    await clock.advance(200);
    expect(await failure).toMatchObject({ code: "LOOP_BLOCKED" });
    expect(loop.state).toBe("none");
    expect(clock.armedTimers).toBe(0);
  });

  it("counts a hang that was over before it was looked at as begun", async () => {
    const { clock, loop, hangSwitch, endsIn } = createSwitch((asked) => asked.block(clock));
    await hangSwitch.begin({ scope: "process", endsAtMonotonicInMs: endsIn(0) });
    expect(loop.state).toBe("over");
  });

  it("withdraws a hang that is released before it began, and says so", async () => {
    const { clock, loop, hangSwitch, endsIn } = createSwitch();
    const begun = hangSwitch.begin({ scope: "process", endsAtMonotonicInMs: endsIn(60_000) });
    const failure = begun.catch((error: unknown) => error);
    await clock.advance(20);
    await hangSwitch.release();
    await clock.advance(20);
    expect(await failure).toMatchObject({ code: "HANG_RELEASED" });
    expect(loop.state).toBe("none");
    await hangSwitch.release();
  });

  it("refuses to hold jobs that nobody has, and leaves what hangs as it is", async () => {
    const { hangSwitch, jobs, endsIn } = createSwitch();
    const options = { scope: "jobs", endsAtMonotonicInMs: endsIn(60_000) } as const;
    await expect(hangSwitch.begin(options)).rejects.toThrow(FaultRefusedError);
    await expect(hangSwitch.begin(options)).rejects.toMatchObject({ code: "NO_JOB_PROCESSOR" });
    jobs.registerProcessors();
    await hangSwitch.begin(options);
    expect(jobs.isHolding(0)).toBe(true);
    const tooLong = { scope: "process", endsAtMonotonicInMs: endsIn(3_600_000) } as const;
    await expect(hangSwitch.begin(tooLong)).rejects.toMatchObject({ code: "HANG_TOO_LONG" });
    expect(jobs.isHolding(0)).toBe(true);
  });

  it("has one hang at a time, of whatever scope", async () => {
    const { clock, hangSwitch, jobs, endsIn } = createSwitch((asked) => asked.block(clock));
    jobs.registerProcessors();
    await hangSwitch.begin({ scope: "jobs", endsAtMonotonicInMs: endsIn(60_000) });
    await hangSwitch.begin({ scope: "process", endsAtMonotonicInMs: endsIn(0) });
    expect(jobs.isHolding(0)).toBe(false);
  });

  it("releases what a thread before this one has begun", async () => {
    const { clock, jobs, loop, hangSwitch, endsIn } = createSwitch();
    jobs.registerProcessors();
    await hangSwitch.begin({ scope: "jobs", endsAtMonotonicInMs: endsIn(60_000) });
    const next = new ThreadHangSwitch({
      clock,
      memory: { loop: loop.shared, jobs: jobs.shared },
      askLoop: () => undefined,
    });
    await next.release();
    expect(jobs.isHolding(0)).toBe(false);
  });
});
