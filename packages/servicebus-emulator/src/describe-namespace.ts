import type {
  BrokerDescription,
  ReceivingEntityDescription,
  SubscriptionDescription,
  TopicDescription,
} from "./broker-description.ts";
import type { Namespace } from "./entities/namespace.ts";
import type { Queue } from "./entities/queue.ts";
import type { Subscription } from "./entities/subscription.ts";
import type { Topic } from "./entities/topic.ts";

/** Describes all entities of a namespace with their messages and links. */
export function describeNamespace(
  namespace: Namespace,
): Pick<BrokerDescription, "queues" | "topics"> {
  return { queues: namespace.queues.map(describe), topics: namespace.topics.map(describeTopic) };
}

function describeTopic(topic: Topic): TopicDescription {
  return {
    name: topic.name,
    links: topic.use.linkCount,
    scheduled: topic.intake.scheduled.size,
    subscriptions: [...topic.subscriptions.values()].map(describeSubscription),
  };
}

function describeSubscription(subscription: Subscription): SubscriptionDescription {
  return { ...describe(subscription), rules: subscription.rules.map((rule) => rule.name) };
}

function describe(entity: Queue | Subscription): ReceivingEntityDescription {
  const dead = entity.mailbox.deadLetters.counts;
  return {
    name: entity.name,
    messages: {
      ...entity.mailbox.messages.counts,
      scheduled: entity.kind === "queue" ? entity.intake.scheduled.size : 0,
      deadLettered: dead.available + dead.locked + dead.deferred,
    },
    links: entity.use.linkCount,
  };
}
