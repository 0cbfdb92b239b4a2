import { describe, expect, it } from "vitest";
import { parseCommandMessage, parseFleetEvent } from "./parse-bus-message.ts";

const command = {
  schema: 1,
  type: "command",
  command_id: "c-1",
  fault: "redis-reset",
  action: "inject",
  parameters: { force: true, drain_timeout_ms: 5_000 },
  target: {},
  epoch: 3,
  issued_at: "2026-01-01T00:00:00.000Z",
  expires_at: "2026-01-01T00:00:05.000Z",
  issuer: "api-1",
};

describe("parseCommandMessage", () => {
  it("returns a command that fits the contract", () => {
    expect(parseCommandMessage(command)).toEqual({ ok: true, message: command });
  });

  it("refuses a member it does not know: an ignored option would be a wrong reset", () => {
    const parsed = parseCommandMessage({
      ...command,
      parameters: { ...command.parameters, jitter: true },
    });
    expect(parsed.ok).toBe(false);
  });

  it.each([
    ["another version", { ...command, schema: 2 }, "schema"],
    ["an unknown type", { ...command, type: "explode" }, "type"],
    ["an inherited name as type", { ...command, type: "constructor" }, "type"],
    ["a local timestamp", { ...command, expires_at: "2026-01-01T00:00:05+01:00" }, "/expires_at"],
    ["a negative epoch", { ...command, epoch: -1 }, "/epoch"],
    ["an array", [command], "object"],
    ["null", null, "object"],
    ["text", "reset", "object"],
  ])("names what is wrong with %s", (_name, body, named) => {
    const parsed = parseCommandMessage(body);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? "" : parsed.reason).toContain(named);
  });

  it("does not take an event for a command", () => {
    expect(
      parseCommandMessage({ schema: 1, type: "bye", replica_id: "r", instance_id: "i" }).ok,
    ).toBe(false);
  });
});

describe("parseFleetEvent", () => {
  it("tolerates members that a newer replica adds", () => {
    const bye = { schema: 1, type: "bye", replica_id: "r", instance_id: "i", why: "scale-in" };
    expect(parseFleetEvent(bye).ok).toBe(true);
  });

  it("refuses counts below zero", () => {
    const parsed = parseFleetEvent({
      schema: 1,
      type: "recovery-report",
      command_id: "c",
      replica_id: "r",
      instance_id: "i",
      connections_expected: -1,
      connections_back: 0,
      socket_recovered_ms: null,
      all_back_ms: null,
      command_recovered_ms: null,
      work_recovered_ms: null,
      reconnect_attempts: 0,
      errors_seen: 0,
      finished: true,
      observed_ms: 0,
    });
    expect(parsed.ok ? "" : parsed.reason).toContain("/connections_expected");
  });
});
