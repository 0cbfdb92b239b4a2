import { FakeClock } from "@fleetquake/contract/testing";
import { expect, it } from "vitest";
import { Turns } from "./turns.ts";
import { DeadlineExceededError } from "./with-deadline.ts";

it("lets one after the other, in the order of their coming", async () => {
  const turns = new Turns(new FakeClock());
  const order: number[] = [];
  let inside = 0;
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const end = await turns.take("redis-reset", { timeoutInMs: 1_000 });
      inside += 1;
      expect(inside).toBe(1);
      order.push(index);
      await Promise.resolve();
      inside -= 1;
      end();
    }),
  );
  expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

it("waits for what the last turn still has to do, even when that fails", async () => {
  const turns = new Turns(new FakeClock());
  let fail = (_error: Error): void => undefined;
  const release = new Promise<void>((_resolve, reject) => {
    fail = reject;
  });
  const end = await turns.take("redis-reset", { timeoutInMs: 1_000 });
  end(release);
  let isIn = false;
  const next = turns.take("redis-reset", { timeoutInMs: 1_000 }).then((done) => {
    isIn = true;
    return done;
  });
  await Promise.resolve();
  expect(isIn).toBe(false);
  fail(new Error("connection lost"));
  (await next)();
});

it("gives a turn up that did not come in time, and lets those behind it pass", async () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  const end = await turns.take("redis-reset", { timeoutInMs: 10 });
  const late = turns.take("redis-reset", { timeoutInMs: 50 });
  const patient = turns.take("redis-reset", { timeoutInMs: 500 });
  const refused = late.catch((error: unknown) => error);
  await clock.advance(60);
  expect(await refused).toBeInstanceOf(DeadlineExceededError);
  end();
  (await patient)();
  expect(clock.armedTimers).toBe(0);
});

it("does not mix the turns of two things", async () => {
  const turns = new Turns(new FakeClock());
  await turns.take("redis-reset", { timeoutInMs: 10 });
  await expect(turns.take("halt", { timeoutInMs: 10 })).resolves.toBeTypeOf("function");
});
