import { expect, it } from "vitest";
import { TOPOLOGY } from "../topology.ts";
import type { ConformanceBroker } from "./conformance-broker.ts";
import { malformedBodies } from "./malformed-bodies.ts";
import { connectRawClient } from "./raw-client.ts";
import { until } from "./recorded-listeners.ts";
import { bye, command, commandOpened, rollCall } from "./sample-messages.ts";
import { startApis, startReplicas } from "./started-members.ts";

/** Adds the tests of what travels, and of what must not. */
export function describeMessages(broker: () => ConformanceBroker): void {
  it("brings a command to every replica and their answers to every API replica, each with the broker's stamp and its own id", async () => {
    await using apis = await startApis(broker(), 2);
    await using fleet = await startReplicas(broker(), 3);
    const [first, second] = [apis.at(0), apis.at(1)];
    await expect(first.transport.bus.publishCommand(command(first.issuer, "c-1"))).resolves.toBe(
      "yes",
    );
    for (const replica of fleet.members) {
      await until("the command", () => replica.heard.heardFrom(first.issuer) === 1);
      expect(replica.heard.commands.at(-1)?.message).toEqual(command(first.issuer, "c-1"));
      await replica.bus.publish(bye(replica.replicaId));
    }
    const all = fleet.members.map(({ replicaId }) => replicaId).toSorted();
    for (const api of [first, second]) {
      await until("the answers", () => api.heard.gone.length >= all.length);
      expect(api.heard.gone.toSorted()).toEqual(all);
      // Wide, since the broker's clock may be another machine's.
      for (const { enqueuedAtInMs } of api.heard.events) {
        expect(Math.abs(enqueuedAtInMs - Date.now())).toBeLessThan(24 * 3_600_000);
      }
    }
    const ids = [first, second].map(({ heard }) =>
      heard.events.map(({ origin }) => origin.messageId),
    );
    expect(ids[0]).toEqual(ids[1]);
    expect(new Set(ids[0]).size).toBe(all.length);
  });

  it("brings the operation of a command to every replica beside the command, which stays as it was", async () => {
    await using apis = await startApis(broker(), 1);
    await using fleet = await startReplicas(broker(), 2);
    const api = apis.at(0);
    const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
    await api.transport.bus.publishCommand(command(api.issuer, "c-1"), { trace });
    await api.transport.bus.publishCommand(command(api.issuer, "c-2"));
    for (const replica of fleet.members) {
      await until("both commands", () => replica.heard.heardFrom(api.issuer) === 2);
      expect(replica.heard.commands.slice(-2)).toMatchObject([
        { message: command(api.issuer, "c-1"), trace },
        { message: command(api.issuer, "c-2"), trace: null },
      ]);
    }
  });

  it("brings a ledger event of 200 KB to every API replica, the sender included", async () => {
    await using apis = await startApis(broker(), 2);
    const [first, second] = [apis.at(0), apis.at(1)];
    const event = commandOpened(first.issuer, 1_100);
    expect(JSON.stringify(event).length).toBeGreaterThan(190_000);
    await first.transport.bus.publishEvent(event);
    for (const api of [first, second]) {
      await until("the event", () => api.heard.events.length > 0);
      expect(api.heard.events.map(({ message }) => message)).toEqual([event]);
      expect(api.heard.events[0]?.origin.sizeInBytes).toBe(JSON.stringify(event).length);
    }
  });

  it("drops 200 kinds of malformed messages on both sides, counts each, and goes on", async () => {
    await using apis = await startApis(broker(), 1);
    await using fleet = await startReplicas(broker(), 1);
    const api = apis.at(0);
    const replica = fleet.at(0);
    await using client = await connectRawClient(broker().connection);
    const bodies = malformedBodies();
    for (const topic of [TOPOLOGY.commandsTopic, TOPOLOGY.eventsTopic]) {
      await client.send(
        topic,
        bodies.map(({ body }) => body),
      );
    }
    await until("all drops at the replica", () => replica.heard.dropped.length >= bodies.length);
    await until("all drops at the API", () => api.heard.dropped.length >= bodies.length);
    await api.transport.bus.publishCommand(rollCall(api.issuer));
    await until("the next roll-call", () => replica.heard.heardFrom(api.issuer) === 1);
    await replica.bus.publish(bye(replica.replicaId));
    await until("the next event", () => api.heard.gone.includes(replica.replicaId));
    expect(replica.heard.dropped).toHaveLength(bodies.length);
    expect(api.heard.dropped).toHaveLength(bodies.length);
    expect([api.heard.disconnections, replica.heard.disconnections]).toEqual([0, 0]);
  });
}
