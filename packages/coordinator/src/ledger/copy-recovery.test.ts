import { expect, it } from "vitest";
import { recovery } from "../testing/messages.ts";
import { copyRecovery } from "./copy-recovery.ts";

it("keeps every member of the contract and nothing else", () => {
  const heavy = { ...recovery(), ballast: "x" };
  expect(copyRecovery(heavy)).toEqual(recovery());
});
