import { expect, it } from "vitest";
import { acknowledgement } from "../testing/messages.ts";
import { copyAcknowledgement } from "./copy-acknowledgement.ts";

it("keeps every member of the contract and nothing else", () => {
  const body = acknowledgement({
    drain_method: "quiet",
    drained: 1,
    interrupted: 2,
    drain_hazards: {
      transaction: 1,
      "watch-not-visible": 2,
      "no-offline-queue": 3,
      subscriber: 4,
      monitor: 5,
    },
    error: { code: "X", message: "x" },
  });
  const heavy = { ...body, ballast: "x" };
  expect(copyAcknowledgement(heavy)).toEqual(body);
  const bare = acknowledgement();
  expect(copyAcknowledgement(bare)).toEqual(bare);
});
