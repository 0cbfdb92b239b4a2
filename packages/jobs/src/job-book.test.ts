import { describe, expect, it } from "vitest";
import { JobBook } from "./job-book.ts";

const LATER_IN_MS = 60_000;

function openBook(...ids: string[]): JobBook {
  const book = new JobBook();
  book.send(ids, 0);
  return book;
}

describe("JobBook", () => {
  it("counts a job as added once, whether the reply, an event or both tell of it", () => {
    const book = openBook("a", "b", "c");
    expect(book.counts()).toMatchObject({ added: 0, unconfirmed: 3, outstanding: 0 });
    book.complete("a", 1);
    book.confirm(["a", "b"]);
    book.stall("c");
    book.confirm(["c"]);
    expect(book.counts()).toMatchObject({ added: 3, completed: 1, outstanding: 2, stalled: 1 });
    expect(book.counts().unconfirmed).toBe(0);
  });

  it("counts an end once, however often it is told, and none of a job that is not its own", () => {
    const book = openBook("a", "b");
    book.complete("a", 1);
    book.complete("a", 2);
    book.fail("a");
    book.fail("b");
    book.complete("foreign", 2);
    book.stall("foreign");
    expect(book.counts()).toMatchObject({ completed: 1, failed: 1, run_twice: 0, stalled: 0 });
    expect(book.size).toBe(0);
  });

  it("counts a completed job as run twice when its work was done before", () => {
    const book = openBook("a", "b", "c");
    book.complete("a", 1);
    book.complete("b", 3);
    book.complete("c", null);
    expect(book.counts()).toMatchObject({ completed: 3, run_twice: 1 });
  });

  it("names those of an interrupted addition of which nothing is known", () => {
    const book = openBook("a", "b", "c");
    book.complete("a", 1);
    book.stall("b");
    expect(book.interrupt(["a", "b", "c"])).toEqual(["c"]);
  });

  it("calls a missing job lost, unverified, given up or never added, by what is known of it", () => {
    const book = openBook("lost", "forgotten", "perhaps", "never", "underway");
    book.confirm(["lost", "forgotten"]);
    book.interrupt(["perhaps", "never"]);
    book.miss("lost", true);
    book.miss("forgotten", false);
    book.miss("perhaps", false);
    book.miss("never", true);
    book.miss("underway", true);
    expect(book.counts()).toMatchObject({ added: 2, lost: 1, unverified: 1, given_up: 1 });
    expect(book.counts()).toMatchObject({ outstanding: 0, unconfirmed: 1 });
  });

  it("asks about the longest unasked first, about none twice within the span, and none under way", () => {
    const book = openBook("a", "b");
    book.confirm(["a"]);
    book.send(["c"], LATER_IN_MS);
    book.confirm(["c"]);
    const ask = (nowInMs: number, limit = 10): string[] =>
      book.takeUnasked(nowInMs - 10_000, { limit, nowInMs }).map(({ id }) => id);
    expect(ask(5_000)).toEqual([]);
    expect(ask(LATER_IN_MS)).toEqual(["a"]);
    expect(ask(LATER_IN_MS)).toEqual([]);
    book.interrupt(["b"]);
    expect(ask(2 * LATER_IN_MS, 1)).toEqual(["c"]);
    expect(ask(2 * LATER_IN_MS)).toEqual(["a", "b"]);
  });
});
