import { expect, it } from "vitest";
import { instanceKey } from "./instance-key.ts";

it("keeps pairs with the same concatenation apart", () => {
  expect(instanceKey("a", "bc")).not.toBe(instanceKey("ab", "c"));
  expect(instanceKey("1:a", "b")).not.toBe(instanceKey("1", ":ab"));
});
