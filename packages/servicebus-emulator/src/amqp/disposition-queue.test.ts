import { expect, it } from "vitest";

import { AmqpError } from "./amqp-error.ts";
import type { AmqpValue } from "./amqp-value.ts";
import { DispositionQueue } from "./disposition-queue.ts";
import { acceptedState, rejectedState } from "./outcome.ts";
import { ValueReader } from "./value-reader.ts";

function start(): { queue: DispositionQueue; ranges: AmqpValue[][] } {
  const ranges: AmqpValue[][] = [];
  const queue = new DispositionQueue((fields) => {
    ranges.push(fields.slice(0, 3).map((field) => new ValueReader(field).read()));
  });
  return { queue, ranges };
}

it("joins verdicts on consecutive deliveries, also across the end of the numbers", () => {
  const { queue, ranges } = start();
  for (const deliveryId of [0xffff_fffe, 0xffff_ffff, 0, 1, 3]) {
    queue.add({ isReceiver: true, deliveryId, state: acceptedState });
  }
  queue.flush();
  queue.flush();
  expect(ranges).toEqual([
    [true, 0xffff_fffe, 1],
    [true, 3, 3],
  ]);
});

it("never joins different verdicts, or those of different directions", () => {
  const { queue, ranges } = start();
  const rejected = rejectedState(new AmqpError("amqp:not-allowed", "no"));
  queue.add({ isReceiver: true, deliveryId: 0, state: acceptedState });
  queue.add({ isReceiver: true, deliveryId: 1, state: rejected });
  queue.add({ isReceiver: false, deliveryId: 2, state: acceptedState });
  queue.flush();
  expect(ranges).toEqual([
    [true, 0, 0],
    [true, 1, 1],
    [false, 2, 2],
  ]);
});
