import type { AcknowledgementBody } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { AnsweredCommands } from "./answered-commands.ts";
import { emptyCloseReport } from "./empty-close-report.ts";

const acknowledgement = (commandId: string): AcknowledgementBody => ({
  ...emptyCloseReport(),
  command_id: commandId,
  replica_id: "orders-1",
  instance_id: "4f1c",
  role: "worker",
  epoch: 1,
  state: "acknowledged",
  closed_at: "2026-01-01T00:00:00.000Z",
  duration_ms: 1,
  clock_offset_ms: null,
});

describe("AnsweredCommands", () => {
  it("knows a command from its arrival on, and its answer once there is one", () => {
    const answered = new AnsweredCommands();
    expect(answered.find("c-1")).toBeUndefined();
    answered.begin("c-1");
    expect(answered.find("c-1")).toBe("pending");
    answered.settle(acknowledgement("c-1"));
    expect(answered.find("c-1")).toMatchObject({ command_id: "c-1" });
  });

  it("forgets the oldest when it is full, and never grows beyond its capacity", () => {
    const answered = new AnsweredCommands(3);
    for (const id of ["a", "b", "c", "d"]) {
      answered.begin(id);
      answered.settle(acknowledgement(id));
    }
    expect(answered.size).toBe(3);
    expect(answered.find("a")).toBeUndefined();
    expect(answered.find("b")).toMatchObject({ command_id: "b" });
  });
});
