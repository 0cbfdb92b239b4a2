import { randomUUID } from "node:crypto";
import { systemClock } from "@fleetquake/contract";
import { expect, it } from "vitest";
import { BusAdministration } from "../bus-administration.ts";
import { createAdministrationClient } from "../create-administration-client.ts";
import { issuerSubscriptionName, replicaSubscriptionName } from "../subscription-names.ts";
import { TOPOLOGY } from "../topology.ts";
import type { ConformanceBroker } from "./conformance-broker.ts";
import { until } from "./recorded-listeners.ts";
import { command, rollCall } from "./sample-messages.ts";
import { startApis, startReplica, startReplicas } from "./started-members.ts";

/** Adds the tests of who creates subscriptions, and when they go. */
export function describeSubscriptions(broker: () => ConformanceBroker): void {
  it("never gives a restarted process its predecessor's commands", async () => {
    await using apis = await startApis(broker(), 1);
    const api = apis.at(0);
    const replicaId = randomUUID();
    await using _before = await startReplica(broker(), { replicaId, instanceId: "before" });
    await api.transport.bus.publishCommand(command(api.issuer, "too-early"));
    await using after = await startReplica(broker(), { replicaId, instanceId: "after" });
    await api.transport.bus.publishCommand(command(api.issuer, "in-time"));
    await until("the second command", () => after.heard.heardFrom(api.issuer) > 0);
    expect(after.heard.commands.map(({ message }) => message)).toEqual([
      command(api.issuer, "in-time"),
    ]);
  });

  it("creates a subscription again that was deleted, and says that it was away", async () => {
    await using apis = await startApis(broker(), 1);
    await using fleet = await startReplicas(broker(), 1);
    const api = apis.at(0);
    const replica = fleet.at(0);
    const administration = new BusAdministration(broker().connection, systemClock);
    await administration.deleteSubscription(
      TOPOLOGY.commandsTopic,
      replicaSubscriptionName(replica.replicaId, replica.instanceId),
    );
    await administration.deleteSubscription(
      TOPOLOGY.eventsTopic,
      issuerSubscriptionName(api.issuer),
    );
    await until("the replica's return", () => replica.heard.connections === 2);
    await until("the API's return", () => api.heard.connections === 2);
    expect([api.heard.disconnections, replica.heard.disconnections]).toEqual([1, 1]);
    await api.transport.bus.publishCommand(rollCall(api.issuer));
    await until("the roll-call", () => replica.heard.heardFrom(api.issuer) === 1);
  });

  it("lets an API replica create the subscription of a replica that may not, when that announces itself", async () => {
    await using apis = await startApis(broker(), 1, { createsSubscriptions: true });
    const api = apis.at(0);
    const instanceId = randomUUID();
    await using replica = await startReplica(broker(), { instanceId, createsSubscription: false });
    await until("the announcement", () => replica.heard.connections === 1);
    expect(replica.bus.connected).toBe(false);
    await api.transport.bus.provisionReplica(replica.replicaId, instanceId);
    await api.transport.bus.provisionReplica(replica.replicaId, instanceId);
    await until("the connection", () => replica.bus.connected && replica.heard.connections === 2);
    await api.transport.bus.publishCommand(rollCall(api.issuer));
    await until("the roll-call", () => replica.heard.heardFrom(api.issuer) === 1);
  });

  it("leaves no subscription behind when it is closed", async () => {
    const apis = await startApis(broker(), 1);
    const fleet = await startReplicas(broker(), 1);
    const { issuer } = apis.at(0);
    const { replicaId, instanceId } = fleet.at(0);
    await apis[Symbol.asyncDispose]();
    await fleet[Symbol.asyncDispose]();
    const client = await createAdministrationClient(broker().connection);
    const exists = (topic: string, subscription: string): Promise<boolean> =>
      client.subscriptionExists(topic, subscription);
    await expect(exists(TOPOLOGY.eventsTopic, issuerSubscriptionName(issuer))).resolves.toBe(false);
    await expect(
      exists(TOPOLOGY.commandsTopic, replicaSubscriptionName(replicaId, instanceId)),
    ).resolves.toBe(false);
  });
}
