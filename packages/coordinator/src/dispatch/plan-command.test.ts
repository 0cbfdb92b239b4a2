import { describe, expect, it } from "vitest";
import { loadRequest, recoverRequest, resetRequest } from "../testing/start-memory-fleet.ts";
import { commandMessage, lastsForInMs, plannedHeader, reservation } from "./plan-command.ts";

describe("a planned command", () => {
  it("expires a whole deadline after the publish, however long the reservation took", () => {
    const record = reservation({
      commandId: "c1",
      order: resetRequest().order,
      highestEpoch: 6,
      nowInMs: 10_000.7,
      deadlineInMs: 5_000,
      coolDownInMs: 8_000,
      issuer: "api-1",
      caller: "tester",
    });
    expect(record).toMatchObject({
      action: "inject",
      epoch: 7,
      acceptedAtInMs: 10_000,
      collectingUntilInMs: 15_000,
      coolDownUntilInMs: 18_000,
      activeUntilInMs: 10_000,
    });
    const plan = { record, isRosterComplete: true, openedAtInMs: 10_900.2, deadlineInMs: 5_000 };
    expect(commandMessage(plannedHeader(resetRequest(), { role: "worker" }, plan))).toEqual({
      schema: 1,
      type: "command",
      command_id: "c1",
      fault: "redis-reset",
      action: "inject",
      parameters: { force: true, drain_timeout_ms: 5_000 },
      target: { role: "worker" },
      epoch: 7,
      issued_at: "1970-01-01T00:00:10.900Z",
      expires_at: "1970-01-01T00:00:15.900Z",
      issuer: "api-1",
    });
  });
});

describe("how long a command's fault lasts", () => {
  it("is what it asks for, and nothing for what is over when it is done", () => {
    const parameters = { force: true, drain_timeout_ms: 5_000, block_seconds: 7 };
    expect(lastsForInMs(loadRequest().order)).toBe(60_000);
    expect(lastsForInMs(resetRequest().order)).toBe(0);
    expect(lastsForInMs({ fault: "redis-reset", action: "inject", parameters })).toBe(7_000);
    expect(lastsForInMs(recoverRequest("load").order)).toBe(0);
    expect(lastsForInMs({ fault: "halt", action: "inject", parameters: { reason: "" } })).toBe(0);
  });

  it("is written down, and only a reset has a cool-down", () => {
    const options = { commandId: "c1", highestEpoch: 0, nowInMs: 1_000, issuer: "a", caller: "b" };
    const times = { deadlineInMs: 5_000, coolDownInMs: 8_000 };
    expect(reservation({ ...options, ...times, order: loadRequest().order })).toMatchObject({
      coolDownUntilInMs: 0,
      activeUntilInMs: 61_000,
    });
    expect(
      reservation({ ...options, ...times, order: recoverRequest("load").order }),
    ).toMatchObject({ action: "recover", coolDownUntilInMs: 0, activeUntilInMs: 1_000 });
  });
});
