import type {
  CorrelationFilterOptions,
  EntityConfiguration,
  RuleConfiguration,
} from "./entities/entity-options.ts";
import type { Namespace } from "./entities/namespace.ts";
import { defaultRuleName, type RuleFilter } from "./entities/rule.ts";
import { sqlFilter } from "./entities/sql-filter.ts";

/** Creates the configured entities. @throws EntityError when a name or option is not valid. */
export function configureEntities(namespace: Namespace, entities: EntityConfiguration): void {
  for (const { name, ...options } of entities.queues ?? []) {
    namespace.createQueue(name, options);
  }
  for (const { name, subscriptions, ...options } of entities.topics ?? []) {
    namespace.createTopic(name, options);
    for (const { name: subscriptionName, rules, ...settings } of subscriptions ?? []) {
      const subscription = namespace.createSubscription(name, subscriptionName, settings);
      for (const rule of rules ?? [{ name: defaultRuleName, filter: true }]) {
        subscription.addRule(rule.name, ruleFilter(rule.filter));
      }
    }
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
