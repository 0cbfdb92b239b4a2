import { silentLog, type LogFields } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { expect, it } from "vitest";
import { DroppedMessages } from "./dropped-messages.ts";

it("counts every message and logs a flood once in five seconds", async () => {
  const clock = new FakeClock();
  const lines: LogFields[] = [];
  const log = {
    ...silentLog,
    warn: (_event: string, fields: LogFields = {}) => lines.push(fields),
  };
  const dropped = new DroppedMessages({ clock, log, source: "chaos-events" });
  for (let message = 0; message < 200; message += 1) {
    dropped.record("the body is not JSON");
  }
  await clock.advance(5_000);
  dropped.record("schema is not 1");
  expect(dropped.total).toBe(201);
  expect(lines).toEqual([
    { source: "chaos-events", reason: "the body is not JSON", count: 1, total: 1 },
    { source: "chaos-events", reason: "schema is not 1", count: 200, total: 201 },
  ]);
});
