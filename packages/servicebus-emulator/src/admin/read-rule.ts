import { invalidEntity } from "../entities/entity-error.ts";
import type { RuleAction, RuleFilter } from "../entities/rule.ts";
import { sqlAction, sqlFilter } from "../entities/sql-filter.ts";
import type { MessageProperties } from "../messages/message-content.ts";
import { readTypedValues } from "./typed-value.ts";
import { childOf, childText, type XmlElement } from "./xml-element.ts";

/** A rule as a RuleDescription asks for it. */
export interface RequestedRule {
  readonly name: string | undefined;
  readonly filter: RuleFilter;
  readonly action: RuleAction | undefined;
}

const systemProperties: ReadonlyMap<string, keyof MessageProperties> = new Map<
  string,
  keyof MessageProperties
>([
  ["CorrelationId", "correlationId"],
  ["MessageId", "messageId"],
  ["To", "to"],
  ["ReplyTo", "replyTo"],
  ["Label", "subject"],
  ["SessionId", "sessionId"],
  ["ReplyToSessionId", "replyToSessionId"],
  ["ContentType", "contentType"],
]);

/** Reads a RuleDescription. @throws EntityError 400 for a filter or action that is none. */
export function readRule(description: XmlElement): RequestedRule {
  return {
    name: childText(description, "Name"),
    filter: readFilter(childOf(description, "Filter")),
    action: readAction(childOf(description, "Action")),
  };
}

function readAction(action: XmlElement | undefined): RuleAction | undefined {
  const expression = action === undefined ? undefined : childText(action, "SqlExpression");
  return expression === undefined
    ? undefined
    : sqlAction(expression, readTypedValues(childOf(action, "Parameters")));
}

function readFilter(filter: XmlElement | undefined): RuleFilter {
  const type = filter?.attributes.get("type") ?? "TrueFilter";
  if (filter === undefined || type === "TrueFilter") {
    return { kind: "true" };
  }
  switch (type) {
    case "FalseFilter":
      return { kind: "false" };
    case "SqlFilter":
      return sqlFilter(
        childText(filter, "SqlExpression") ?? "",
        readTypedValues(childOf(filter, "Parameters")),
      );
    case "CorrelationFilter":
      return correlationFilter(filter);
    default:
      throw invalidEntity(`A filter cannot be of type ${type}.`);
  }
}

function correlationFilter(filter: XmlElement): RuleFilter {
  const properties: Partial<Record<keyof MessageProperties, string>> = {};
  const applicationProperties = readTypedValues(childOf(filter, "Properties"));
  for (const child of filter.children) {
    const property = systemProperties.get(child.name);
    if (property !== undefined) {
      properties[property] = child.text;
    }
  }
  if (Object.keys(properties).length === 0 && applicationProperties.size === 0) {
    throw invalidEntity("A correlation filter must name at least one property.");
  }
  return { kind: "correlation", properties, applicationProperties };
}
