import { BUS_SCHEMA_VERSION, silentLog, type CommandClosed } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { MemoryBroker } from "../testing/memory-broker.ts";
import { Announcements } from "./announcements.ts";

const message: CommandClosed = {
  schema: BUS_SCHEMA_VERSION,
  type: "command-closed",
  command_id: "c1",
  issuer: "api-1",
  closed_at: "2026-01-01T00:00:00.000Z",
  duration_ms: 1,
  published: "yes",
};

function arrange() {
  const clock = new FakeClock();
  const broker = new MemoryBroker(clock);
  const bus = broker.makeBus();
  const announcements = new Announcements({ bus, clock, log: silentLog });
  return { clock, broker, bus, announcements };
}

describe("Announcements", () => {
  it("publishes in order once the bus is back", async () => {
    const { clock, broker, bus, announcements } = arrange();
    bus.goDown();
    const sent = announcements.send([message, { ...message, command_id: "c2" }]);
    await clock.advance(500);
    expect(broker.events).toEqual([]);
    bus.goUp();
    await clock.advance(400);
    await sent;
    expect(broker.events.map((event) => "command_id" in event && event.command_id)).toEqual([
      "c1",
      "c2",
    ]);
  });

  it("gives up after six attempts, and leaves no timer", async () => {
    const { clock, broker, bus, announcements } = arrange();
    bus.goDown();
    const sent = announcements.send([message]);
    await clock.advance(6_200);
    await sent;
    expect(clock.armedTimers).toBe(0);
    bus.goUp();
    await clock.advance(10_000);
    expect(broker.events).toEqual([]);
  });

  it("stops when the message is no longer wanted", async () => {
    const { clock, broker, bus, announcements } = arrange();
    let isWanted = true;
    bus.goDown();
    const sent = announcements.send([message], () => isWanted);
    await clock.advance(100);
    isWanted = false;
    bus.goUp();
    await clock.advance(5_000);
    await sent;
    expect(broker.events).toEqual([]);
  });

  it("ends its pauses at close", async () => {
    const { clock, bus, announcements } = arrange();
    bus.goDown();
    const sent = announcements.send([message]);
    await clock.advance(10);
    await announcements.close();
    await sent;
    expect(clock.armedTimers).toBe(0);
  });
});
