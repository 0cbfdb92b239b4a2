import { recordConnections } from "../amqp-fuzz/record-connections.ts";
import { connectClients } from "../service-bus-clients.ts";
import { readRequests, type RecordedRequest } from "./recorded-request.ts";

/** Records what the unmodified administration client sends while it does each thing that it can once. */
export async function recordAdminRequests(
  connectionString: string,
): Promise<readonly RecordedRequest[]> {
  const connections = await recordConnections(connectionString, async (way) => {
    await using clients = connectClients({ connectionString: way });
    const { admin } = clients;
    await admin.getNamespaceProperties();
    const queue = await admin.createQueue("fuzz-q", {
      lockDuration: "PT30S",
      maxDeliveryCount: 3,
      defaultMessageTimeToLive: "P1D",
      autoDeleteOnIdle: "PT1H",
      requiresDuplicateDetection: true,
      duplicateDetectionHistoryTimeWindow: "PT1M",
      deadLetteringOnMessageExpiration: true,
      userMetadata: "written by & for a <fuzzer>",
    });
    await admin.updateQueue({ ...queue, maxDeliveryCount: 5, status: "SendDisabled" });
    await admin.createQueue("fuzz-forwards", { forwardTo: "fuzz-q" });
    await admin.getQueueRuntimeProperties("fuzz-q");
    await admin.listQueues().next();
    const topic = await admin.createTopic("fuzz-t", { defaultMessageTimeToLive: "PT1H" });
    await admin.updateTopic({ ...topic, userMetadata: "changed" });
    await admin.getTopicRuntimeProperties("fuzz-t");
    await admin.listTopicsRuntimeProperties().next();
    const subscription = await admin.createSubscription("fuzz-t", "s", {
      requiresSession: true,
      defaultRuleOptions: { name: "first", filter: { sqlExpression: "a = 1 AND b LIKE 'x%'" } },
    });
    await admin.updateSubscription({ ...subscription, maxDeliveryCount: 2 });
    await admin.getSubscriptionRuntimeProperties("fuzz-t", "s");
    await admin.listSubscriptions("fuzz-t").next();
    const rule = await admin.createRule("fuzz-t", "s", "second", {
      correlationId: "c",
      subject: "b",
      applicationProperties: { text: "x", number: 1, flag: true, at: new Date(0) },
    });
    await admin.updateRule("fuzz-t", "s", { ...rule, action: { sqlExpression: "SET a = 1" } });
    await admin.getRule("fuzz-t", "s", "second");
    await admin.listRules("fuzz-t", "s").next();
    await admin.deleteRule("fuzz-t", "s", "second");
    await admin.deleteSubscription("fuzz-t", "s");
    await admin.deleteTopic("fuzz-t");
    await admin.deleteQueue("fuzz-forwards");
    await admin.deleteQueue("fuzz-q");
  });
  return connections.flatMap((bytes) => readRequests(bytes));
}
