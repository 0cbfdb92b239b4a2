import { expect, it } from "vitest";

import { AmqpUuid, type AmqpValue } from "./amqp-value.ts";
import { looseValue } from "./loose-value.ts";
import { ValueReader } from "./value-reader.ts";

it.each<AmqpValue>([
  null,
  true,
  "text",
  0,
  -(2 ** 31),
  Number.MAX_SAFE_INTEGER,
  -(2n ** 63n),
  2n ** 64n - 1n,
  0.5,
  2 ** 53,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  new Date(8.64e15),
  Buffer.from([0, 255]),
  new AmqpUuid(Buffer.alloc(16, 7)),
])("encodes %o so that it is read as the same", (value) => {
  expect(new ValueReader(looseValue(value)).read()).toEqual(value);
});

it("refuses what no property may be", () => {
  expect(() => looseValue([1])).toThrow("A property must be a simple value.");
});
