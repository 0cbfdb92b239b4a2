import type {
  CorrelationFilterOptions,
  EntityConfiguration,
  ReceivingOptions,
  RuleConfiguration,
  SubscriptionConfiguration,
} from "./entities/entity-options.ts";
import { forwardingTarget } from "./entities/forwarding.ts";
import type { Entity, Namespace } from "./entities/namespace.ts";
import { formatPath, nameKey } from "./entities/entity-name.ts";
import { pathOfEntity } from "./entities/path-of-entity.ts";
import { defaultRuleName, type RuleFilter } from "./entities/rule.ts";
import { sqlAction, sqlFilter } from "./entities/sql-filter.ts";
import type { Subscription } from "./entities/subscription.ts";

/**
 * Creates the configured entities that are not there. They may forward to ones that come later in the
 * configuration. What was there before stays as it is.
 *
 * @throws EntityError when a name or option is not valid, or names an entity of another kind.
 */
export function configureEntities(namespace: Namespace, entities: EntityConfiguration): void {
  const wasThere = entitiesBefore(namespace);
  const forwards: (() => void)[] = [];
  for (const { name, ...options } of entities.queues ?? []) {
    if (wasThere("queue", name)) {
      continue;
    }
    const queue = namespace.createQueue(name, withoutForwarding(options));
    if (forwardsMessages(options)) {
      forwards.push(() => {
        namespace.updateQueue(queue, options);
      });
    }
  }
  for (const { name, subscriptions, ...options } of entities.topics ?? []) {
    if (!wasThere("topic", name)) {
      namespace.createTopic(name, options);
    }
    for (const { name: subscriptionName, rules, ...settings } of subscriptions ?? []) {
      if (wasThere("subscription", `${name}/Subscriptions/${subscriptionName}`)) {
        continue;
      }
      const initial = withoutForwarding(settings);
      const subscription = namespace.createSubscription(name, subscriptionName, initial);
      addRules(subscription, rules);
      if (forwardsMessages(settings)) {
        forwards.push(() => {
          namespace.updateSubscription(subscription, settings);
        });
      }
    }
  }
  for (const forward of forwards) {
    forward();
  }
}

/** Tells whether an entity of this kind and path was there before the configuration. */
function entitiesBefore(namespace: Namespace): (kind: Entity["kind"], path: string) => boolean {
  const topics = namespace.topics.flatMap((topic) => [topic, ...topic.subscriptions.values()]);
  const known = new Set(
    [...namespace.queues, ...topics].map((entity) =>
      keyOf(entity.kind, formatPath(pathOfEntity(entity))),
    ),
  );
  return (kind, path) => known.has(keyOf(kind, path));
}

function keyOf(kind: Entity["kind"], path: string): string {
  return `${kind} ${nameKey(path)}`;
}

function withoutForwarding<Options extends ReceivingOptions>(options: Options): Options {
  return forwardsMessages(options)
    ? { ...options, forwardTo: "", forwardDeadLetteredMessagesTo: "" }
    : options;
}

function forwardsMessages(options: ReceivingOptions): boolean {
  return [options.forwardTo, options.forwardDeadLetteredMessagesTo].some(
    (option) => forwardingTarget(option) !== undefined,
  );
}

function addRules(subscription: Subscription, rules: SubscriptionConfiguration["rules"]): void {
  for (const { name, filter, action } of rules ?? [{ name: defaultRuleName, filter: true }]) {
    const parsed = action === undefined ? undefined : sqlAction(action);
    subscription.addRule(name, ruleFilter(filter), parsed);
  }
}

function ruleFilter(filter: RuleConfiguration["filter"]): RuleFilter {
  if (typeof filter === "boolean") {
    return { kind: filter ? "true" : "false" };
  }
  return "sqlExpression" in filter ? sqlFilter(filter.sqlExpression) : correlationFilter(filter);
}

function correlationFilter(options: CorrelationFilterOptions): RuleFilter {
  const { applicationProperties, ...properties } = options;
  return {
    kind: "correlation",
    properties,
    applicationProperties: new Map(Object.entries(applicationProperties ?? {})),
  };
}
