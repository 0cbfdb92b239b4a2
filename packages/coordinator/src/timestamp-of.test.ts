import { expect, it } from "vitest";
import { timestampOf } from "./timestamp-of.ts";

it("writes every number as a timestamp of the contract", () => {
  expect(timestampOf(1.7)).toBe("1970-01-01T00:00:00.001Z");
  expect(timestampOf(-5)).toBe("1970-01-01T00:00:00.000Z");
  expect(timestampOf(1e300)).toBe("9999-12-31T23:59:59.999Z");
});
