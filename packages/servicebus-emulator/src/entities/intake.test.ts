import rhea from "rhea";
import { expect, it } from "vitest";

import { MessageContent } from "../messages/message-content.ts";
import { firstArrival } from "./arrival.ts";
import { Intake } from "./intake.ts";
import { ManualClock } from "./manual-clock.ts";

function start(windowInMs?: number): {
  readonly clock: ManualClock;
  readonly intake: Intake;
  readonly delivered: [string | undefined, number][];
} {
  const clock = new ManualClock();
  const delivered: [string | undefined, number][] = [];
  const intake = new Intake({
    clock,
    duplicateWindowInMs: () => windowInMs,
    deliver: ({ content }, number) => delivered.push([content.properties.messageId, number]),
  });
  return { clock, intake, delivered };
}

function messageOf(id: string, due?: number): MessageContent {
  const annotations = due === undefined ? {} : { "x-opt-scheduled-enqueue-time": new Date(due) };
  return MessageContent.parse(
    rhea.message.encode({ message_id: id, message_annotations: annotations, body: "x" }),
  );
}

it("delivers scheduled messages in the order of their times, under new numbers, with one timer", () => {
  const { clock, intake, delivered } = start();
  const now = clock.now();
  expect(intake.schedule([messageOf("b", now + 2000), messageOf("a", now + 1000)])).toEqual([1, 2]);
  intake.take(firstArrival(messageOf("now")));
  expect(clock.pending).toBe(1);
  clock.advance(999);
  expect(delivered).toEqual([["now", 3]]);
  clock.advance(1001);
  expect(delivered).toEqual([
    ["now", 3],
    ["a", 4],
    ["b", 5],
  ]);
  expect([clock.pending, intake.scheduled.size]).toEqual([0, 0]);
});

it("cancels all or none, and leaves no timer behind when it closes", () => {
  const { clock, intake, delivered } = start();
  const due = clock.now() + 1000;
  intake.schedule([messageOf("a", due), messageOf("b", due)]);
  expect(() => {
    intake.cancel([1, 3]);
  }).toThrow("could not be found");
  intake.cancel([1]);
  expect(intake.scheduled.size).toBe(1);
  intake.close();
  expect(clock.pending).toBe(0);
  clock.advance(5000);
  expect(delivered).toEqual([]);
});

it("drops an id within its window, counted from its first use, and takes it again after", () => {
  const { clock, intake, delivered } = start(20_000);
  const send = (id: string): void => {
    intake.take(firstArrival(messageOf(id)));
  };
  send("a");
  clock.advance(19_999);
  send("a");
  clock.advance(1);
  send("a");
  expect(delivered).toEqual([
    ["a", 1],
    ["a", 2],
  ]);
});

it("drops a scheduled duplicate, too, and says so with the number 0", () => {
  const { clock, intake } = start(20_000);
  const due = clock.now() + 1000;
  expect(intake.schedule([messageOf("a", due), messageOf("a", due)])).toEqual([1, 0]);
  expect(intake.scheduled.size).toBe(1);
});
