import { describe, expect, it } from "vitest";
import { resetRequest } from "../testing/start-memory-fleet.ts";
import { commandMessage, plannedHeader, reservation } from "./plan-command.ts";

describe("a planned command", () => {
  it("expires a whole deadline after the publish, however long the reservation took", () => {
    const record = reservation({
      commandId: "c1",
      highestEpoch: 6,
      nowInMs: 10_000.7,
      deadlineInMs: 5_000,
      coolDownInMs: 8_000,
      issuer: "api-1",
      caller: "tester",
    });
    expect(record).toMatchObject({
      epoch: 7,
      acceptedAtInMs: 10_000,
      collectingUntilInMs: 15_000,
      coolDownUntilInMs: 18_000,
    });
    const resolved = { expected: [], commandTarget: { role: "worker" } };
    const plan = { record, openedAtInMs: 10_900.2, deadlineInMs: 5_000 };
    expect(commandMessage(plannedHeader(resetRequest(), resolved, plan))).toEqual({
      schema: 1,
      type: "command",
      command_id: "c1",
      fault: "redis-reset",
      parameters: { force: true, drain_timeout_ms: 5_000 },
      target: { role: "worker" },
      epoch: 7,
      issued_at: "1970-01-01T00:00:10.900Z",
      expires_at: "1970-01-01T00:00:15.900Z",
      issuer: "api-1",
    });
  });
});
