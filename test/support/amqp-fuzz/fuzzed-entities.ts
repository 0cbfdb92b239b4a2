import type { ServiceBusAdministrationClient } from "@azure/service-bus";

const SHORT_LIVED = { defaultMessageTimeToLive: "PT1M", lockDuration: "PT5S" };

/** Creates what the recorded conversations use: an ordinary queue, one with sessions, and a topic with a subscription. */
export async function createFuzzedEntities(admin: ServiceBusAdministrationClient): Promise<void> {
  await admin.createQueue("fuzz", SHORT_LIVED);
  await admin.createQueue("fuzz-sessions", { ...SHORT_LIVED, requiresSession: true });
  await admin.createTopic("fuzz-topic");
  await admin.createSubscription("fuzz-topic", "fuzz-all", {
    ...SHORT_LIVED,
    defaultRuleOptions: {
      name: "all",
      filter: { sqlExpression: "a < 5 OR sys.Label LIKE 'b%'" },
    },
  });
}

/** Deletes every queue and topic except the named ones, with all that they hold. */
export async function deleteEntities(
  admin: ServiceBusAdministrationClient,
  { except }: { readonly except: readonly string[] },
): Promise<void> {
  for await (const { name } of admin.listQueues()) {
    await (!except.includes(name) && admin.deleteQueue(name));
  }
  for await (const { name } of admin.listTopics()) {
    await (!except.includes(name) && admin.deleteTopic(name));
  }
}
