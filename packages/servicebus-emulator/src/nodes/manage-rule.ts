import { AmqpError, decodeError } from "../amqp/amqp-error.ts";
import type { AmqpMap, AmqpValue } from "../amqp/amqp-value.ts";
import {
  describedValue,
  intValue,
  listValue,
  mapValue,
  optionalString,
  stringValue,
  timestampValue,
} from "../amqp/encode-value.ts";
import { asMap } from "../amqp/fields.ts";
import { looseValue } from "../amqp/loose-value.ts";
import { EntityError } from "../entities/entity-error.ts";
import {
  type CorrelationFilter,
  type FilterValue,
  isFilterValue,
  type Rule,
  type RuleAction,
  type RuleFilter,
} from "../entities/rule.ts";
import { sqlAction, sqlFilter } from "../entities/sql-filter.ts";
import type { Subscription } from "../entities/subscription.ts";
import type { MessageProperties } from "../messages/message-content.ts";
import type { ManageRequest } from "./manage.ts";
import { type NodeResponse, ok } from "./request-node.ts";

/** Service Bus's descriptors of rules and filters (azure-sdk: Constants.descriptorCodes). */
const descriptor = {
  sqlFilter: 0x13_7000_0006,
  trueFilter: 0x13_7000_0007,
  falseFilter: 0x13_7000_0008,
  correlationFilter: 0x13_7000_0009,
  ruleDescription: 0x137_0000_0004,
  emptyRuleAction: 0x137_0000_0005,
  sqlRuleAction: 0x137_0000_0006,
} as const;

const filterKeys: Readonly<Record<keyof MessageProperties, string>> = {
  correlationId: "correlation-id",
  messageId: "message-id",
  to: "to",
  replyTo: "reply-to",
  subject: "label",
  sessionId: "session-id",
  replyToSessionId: "reply-to-session-id",
  contentType: "content-type",
};

/** Adds a rule to a subscription. */
export function addRule(body: AmqpMap, request: ManageRequest): NodeResponse {
  const description = asMap(body.get("rule-description") ?? null);
  asAmqp(() => {
    const filter = readFilter(description);
    subscriptionOf(request).addRule(ruleName(body), filter, readAction(description));
  });
  return ok();
}

/** Removes a rule from a subscription. */
export function removeRule(body: AmqpMap, request: ManageRequest): NodeResponse {
  asAmqp(() => {
    subscriptionOf(request).removeRule(ruleName(body));
  });
  return ok();
}

/** Lists the rules of a subscription, a page of them. */
export function enumerateRules(body: AmqpMap, request: ManageRequest): NodeResponse {
  const skip = Number(body.get("skip") ?? 0);
  const top = Number(body.get("top") ?? 100);
  const rules = subscriptionOf(request).rules.slice(skip, skip + top);
  if (rules.length === 0) {
    return { statusCode: 204, description: "No Content" };
  }
  const entries = rules.map((rule) => mapValue([stringValue("rule-description"), writeRule(rule)]));
  return ok(mapValue([stringValue("rules"), listValue(entries)]));
}

function writeRule(rule: Rule): Buffer {
  return describedValue(
    descriptor.ruleDescription,
    listValue([
      writeFilter(rule.filter),
      writeAction(rule.action),
      stringValue(rule.name),
      timestampValue(rule.createdAt),
    ]),
  );
}

function writeAction(action: RuleAction | undefined): Buffer {
  return action === undefined
    ? describedValue(descriptor.emptyRuleAction, listValue([]))
    : describedValue(descriptor.sqlRuleAction, sqlList(action.expression));
}

function writeFilter(filter: RuleFilter): Buffer {
  switch (filter.kind) {
    case "true":
      return describedValue(descriptor.trueFilter, listValue([]));
    case "false":
      return describedValue(descriptor.falseFilter, listValue([]));
    case "sql":
      return describedValue(descriptor.sqlFilter, sqlList(filter.expression));
    case "correlation":
      return writeCorrelation(filter);
  }
}

/** An expression with the compatibility level that Service Bus gives. */
function sqlList(expression: string): Buffer {
  return listValue([stringValue(expression), intValue(20)]);
}

function writeCorrelation(filter: CorrelationFilter): Buffer {
  const { properties, applicationProperties } = filter;
  const pairs = [...applicationProperties].flatMap(([key, value]) => [
    stringValue(key),
    looseValue(value),
  ]);
  return describedValue(
    descriptor.correlationFilter,
    listValue([
      optionalString(properties.correlationId),
      optionalString(properties.messageId),
      optionalString(properties.to),
      optionalString(properties.replyTo),
      optionalString(properties.subject),
      optionalString(properties.sessionId),
      optionalString(properties.replyToSessionId),
      optionalString(properties.contentType),
      mapValue(pairs),
    ]),
  );
}

function readAction(description: AmqpMap): RuleAction | undefined {
  const expression = asMap(description.get("sql-rule-action") ?? null).get("expression");
  return typeof expression === "string" ? sqlAction(expression) : undefined;
}

function readFilter(description: AmqpMap): RuleFilter {
  const sql = asMap(description.get("sql-filter") ?? null).get("expression");
  if (typeof sql === "string") {
    return sqlFilter(sql);
  }
  const filter = asMap(description.get("correlation-filter") ?? null);
  const properties: Partial<Record<keyof MessageProperties, string>> = {};
  for (const key of propertyNames()) {
    const value = filter.get(filterKeys[key]);
    if (typeof value === "string") {
      properties[key] = value;
    }
  }
  const applicationProperties = new Map<string, FilterValue>();
  for (const [key, value] of asMap(filter.get("properties") ?? null)) {
    applicationProperties.set(key, filterValue(value));
  }
  if (Object.keys(properties).length === 0 && applicationProperties.size === 0) {
    throw new AmqpError("amqp:invalid-field", "A rule needs a filter that names a property.");
  }
  return { kind: "correlation", properties, applicationProperties };
}

function propertyNames(): readonly (keyof MessageProperties)[] {
  return [
    "correlationId",
    "messageId",
    "to",
    "replyTo",
    "subject",
    "sessionId",
    "replyToSessionId",
    "contentType",
  ];
}

function filterValue(value: AmqpValue): FilterValue {
  if (isFilterValue(value)) {
    return value;
  }
  throw new AmqpError("amqp:invalid-field", "A filter compares text, numbers, booleans and dates.");
}

function ruleName(body: AmqpMap): string {
  const name = body.get("rule-name");
  if (typeof name !== "string") {
    throw decodeError("rule-name is needed.");
  }
  return name;
}

function subscriptionOf({ entity }: ManageRequest): Subscription {
  if (entity.kind !== "subscription") {
    throw new AmqpError("amqp:not-allowed", "Only subscriptions have rules.");
  }
  return entity;
}

/** Turns a refusal in the admin REST's words into AMQP's. */
function asAmqp(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof EntityError)) {
      throw error;
    }
    throw new AmqpError(conditionOf(error), error.message, { cause: error });
  }
}

function conditionOf(error: EntityError): string {
  if (error.status === 404) {
    return "amqp:not-found";
  }
  if (error.status === 409) {
    return "com.microsoft:entity-already-exists";
  }
  return error.isUnsupported ? "amqp:not-implemented" : "amqp:invalid-field";
}
