import { expect, it } from "vitest";
import { makeAnswer, makeRow } from "../testing/make-row.ts";
import { sumConnectionsClosed } from "./sum-connections-closed.ts";

it("sums every answer, also late ones and those of newcomers, and stays a safe integer", () => {
  const rows = [
    makeRow(),
    makeRow({ answer: null }),
    makeRow({ answer: makeAnswer({ connections_closed: 5 }, { isLate: true }) }),
    makeRow({ isExpected: false, answer: makeAnswer({ connections_closed: 7 }) }),
  ];
  expect(sumConnectionsClosed(rows)).toBe(22);
  const huge = makeRow({ answer: makeAnswer({ connections_closed: 1e308 }) });
  expect(sumConnectionsClosed([huge, huge])).toBe(Number.MAX_SAFE_INTEGER);
});
