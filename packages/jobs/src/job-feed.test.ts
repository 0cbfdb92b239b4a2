import { silentLog } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import type { FeedQueue, QueueListener, SeenJob } from "./feed-queue.ts";
import { JobFeed } from "./job-feed.ts";

/** A queue whose answers the test decides. */
class ScriptedQueue implements FeedQueue {
  isReady = true;
  /** Every id of every addition that was sent, repeated ones again. */
  readonly sent: string[] = [];
  readonly stored = new Set<string>();
  listener: QueueListener | null = null;
  answer: "stores" | "stores, then breaks" | "breaks" | "hangs" = "stores";
  remembers = true;
  /** Set: what is asked of the queue's memory is answered with it. */
  memory: Promise<boolean> | null = null;

  listen(listener: QueueListener): void {
    this.listener = listener;
  }

  async add(ids: readonly string[]): Promise<void> {
    this.sent.push(...ids);
    if (this.answer === "hangs") {
      await new Promise(() => undefined);
    }
    if (this.answer !== "breaks") {
      ids.forEach((id) => this.stored.add(id));
    }
    if (this.answer !== "stores") {
      throw new Error("read ECONNRESET");
    }
  }

  look(ids: readonly string[]): Promise<readonly SeenJob[]> {
    const look = (id: string): SeenJob => ({ state: this.stored.has(id) ? "pending" : "missing" });
    return Promise.resolve(ids.map(look));
  }

  remembersSince(): Promise<boolean> {
    return this.memory ?? Promise.resolve(this.remembers);
  }

  counts(): Promise<never> {
    return Promise.reject(new Error("not asked here"));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Scene {
  readonly clock: FakeClock;
  readonly queue: ScriptedQueue;
  readonly feed: JobFeed;
}

function setScene(): Scene {
  const clock = new FakeClock();
  const queue = new ScriptedQueue();
  return { clock, queue, feed: new JobFeed({ queue, clock, log: silentLog }) };
}

describe("JobFeed", () => {
  it("adds at its rate, under ids that BullMQ takes, no two alike", async () => {
    const { clock, queue, feed } = setScene();
    feed.start(400);
    await clock.advance(5_000);
    expect(feed.ledger()).toMatchObject({ added: 2_000, outstanding: 2_000, withheld: 0 });
    expect(new Set(queue.sent).size).toBe(2_000);
    expect(queue.sent.every((id) => /^j-[0-9A-HJKMNP-TV-Z]{26}$/u.test(id))).toBe(true);
  });

  it("repeats an addition of unknown outcome under the same ids, and counts each job once", async () => {
    const { clock, queue, feed } = setScene();
    queue.answer = "stores, then breaks";
    feed.start(100);
    await clock.advance(500);
    queue.answer = "stores";
    await clock.advance(1_000);
    feed.stop();
    expect(queue.sent.length).toBeGreaterThan(queue.stored.size);
    expect(feed.ledger()).toMatchObject({ added: queue.stored.size, unconfirmed: 0, given_up: 0 });
  });

  it("does not repeat when the queue may have forgotten, and says how many it gave up", async () => {
    const { clock, queue, feed } = setScene();
    queue.answer = "breaks";
    queue.remembers = false;
    feed.start(100);
    await clock.advance(1_000);
    const sent = queue.sent.length;
    expect(new Set(queue.sent).size).toBe(sent);
    queue.answer = "stores";
    feed.stop();
    await clock.advance(15_000);
    expect(feed.ledger()).toMatchObject({ given_up: sent, unconfirmed: 0, added: 0, lost: 0 });
  });

  it("has at most 2,000 additions unanswered, and after an outage makes up for a quarter of a second", async () => {
    const { clock, queue, feed } = setScene();
    queue.answer = "hangs";
    feed.start(10_000);
    await clock.advance(60_000);
    expect(feed.ledger()).toMatchObject({ added: 0, unconfirmed: 2_000 });
    expect(queue.sent).toHaveLength(2_000);
    expect(feed.ledger().withheld).toBeGreaterThan(590_000);

    const away = setScene();
    away.queue.isReady = false;
    away.feed.start(1_000);
    await away.clock.advance(60_000);
    expect(away.queue.sent).toEqual([]);
    away.queue.isReady = true;
    await away.clock.advance(1_000);
    expect(away.queue.sent.length).toBeLessThanOrEqual(1_250);
    expect(away.feed.ledger().withheld).toBeGreaterThanOrEqual(59_700);
  });

  it("waits for the workers when 100,000 jobs are outstanding", async () => {
    const { clock, queue, feed } = setScene();
    feed.start(10_000);
    await clock.advance(15_000);
    expect(feed.ledger().outstanding).toBe(100_000);
    expect(feed.ledger().withheld).toBeGreaterThan(45_000);
    queue.sent.slice(0, 500).forEach((id) => queue.listener?.completed(id, 1));
    await clock.advance(100);
    expect(feed.ledger()).toMatchObject({ added: 100_500, outstanding: 100_000, completed: 500 });
  });

  it("adds nothing after stop, also nothing again, and goes on following what it added", async () => {
    const { clock, queue, feed } = setScene();
    feed.start(100);
    await clock.advance(1_000);
    queue.answer = "breaks";
    await clock.advance(100);
    feed.stop();
    queue.answer = "stores";
    const sent = queue.sent.length;
    const added = queue.stored.size;
    await clock.advance(30_000);
    expect(queue.sent).toHaveLength(sent);
    // Those that never arrived are not added, and so not lost either.
    expect(feed.ledger()).toMatchObject({ added, unconfirmed: 0, lost: 0, given_up: 0 });
    [...queue.stored].forEach((id) => queue.listener?.completed(id, id === queue.sent[0] ? 2 : 1));
    expect(feed.ledger()).toMatchObject({ completed: added, outstanding: 0, run_twice: 1 });
  });

  it("settles also what was being repeated when it was stopped and its connection broke", async () => {
    const { clock, queue, feed } = setScene();
    queue.answer = "breaks";
    let cut: (error: Error) => void = () => undefined;
    queue.memory = new Promise((_, reject) => {
      cut = reject;
    });
    feed.start(100);
    await clock.advance(1_000);
    feed.stop();
    cut(new Error("read ECONNRESET"));
    queue.memory = null;
    await clock.advance(30_000);
    expect(feed.ledger()).toMatchObject({ added: 0, unconfirmed: 0, lost: 0, given_up: 0 });
  });

  it("calls lost what was added and is nowhere in the queue", async () => {
    const { clock, queue, feed } = setScene();
    feed.start(100);
    await clock.advance(1_000);
    feed.stop();
    const [gone] = queue.stored;
    queue.stored.delete(gone ?? "");
    await clock.advance(15_000);
    expect(feed.ledger()).toMatchObject({ added: 100, lost: 1, outstanding: 99 });
  });

  it("refuses rates beyond its bounds, and to start after close; leaves no timer behind", async () => {
    const { clock, feed } = setScene();
    for (const rate of [-1, 10_001, Number.NaN]) {
      expect(() => feed.start(rate)).toThrow(RangeError);
    }
    feed.start(0);
    expect(clock.armedTimers).toBe(0);
    feed.start(10);
    await feed.close();
    expect(clock.armedTimers).toBe(0);
    expect(() => feed.start(10)).toThrow("closed");
  });
});
