import { invalidEntity, unsupportedEntity } from "../entities/entity-error.ts";
import type { FilterValue, RuleFilter } from "../entities/rule.ts";
import { sqlFilter } from "../entities/sql-filter.ts";
import type { MessageProperties } from "../messages/message-content.ts";
import { childOf, childText, type XmlElement } from "./xml-element.ts";

/** A rule as a RuleDescription asks for it. */
export interface RequestedRule {
  readonly name: string | undefined;
  readonly filter: RuleFilter;
}

const systemProperties: Readonly<Record<string, keyof MessageProperties>> = {
  CorrelationId: "correlationId",
  MessageId: "messageId",
  To: "to",
  ReplyTo: "replyTo",
  Label: "subject",
  SessionId: "sessionId",
  ReplyToSessionId: "replyToSessionId",
  ContentType: "contentType",
};

/** Reads a RuleDescription. @throws EntityError 400 for SQL beyond `1=1` and `1=0`, and for actions. */
export function readRule(description: XmlElement): RequestedRule {
  const action = childOf(description, "Action");
  if (action !== undefined && childText(action, "SqlExpression") !== undefined) {
    throw unsupportedEntity("A rule action");
  }
  return {
    name: childText(description, "Name"),
    filter: readFilter(childOf(description, "Filter")),
  };
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
      return sqlFilter(childText(filter, "SqlExpression") ?? "");
    case "CorrelationFilter":
      return correlationFilter(filter);
    default:
      throw invalidEntity(`A filter cannot be of type ${type}.`);
  }
}

function correlationFilter(filter: XmlElement): RuleFilter {
  const properties: Partial<Record<keyof MessageProperties, string>> = {};
  const applicationProperties = new Map<string, FilterValue>();
  for (const child of filter.children) {
    const property = systemProperties[child.name];
    if (property !== undefined) {
      properties[property] = child.text;
    } else if (child.name === "Properties") {
      for (const entry of child.children) {
        applicationProperties.set(childOf(entry, "Key")?.text ?? "", readValue(entry));
      }
    }
  }
  if (Object.keys(properties).length === 0 && applicationProperties.size === 0) {
    throw invalidEntity("A correlation filter must name at least one property.");
  }
  return { kind: "correlation", properties, applicationProperties };
}

function readValue(entry: XmlElement): FilterValue {
  const value = childOf(entry, "Value");
  const type = value?.attributes.get("type")?.replace(/^.*:/u, "") ?? "none";
  const text = value?.text ?? "";
  switch (type) {
    case "string":
      return text;
    case "boolean":
      return text === "true";
    case "dateTime":
      return new Date(text);
    case "int":
    case "long":
    case "double":
    case "decimal":
      return Number(text);
    default:
      throw invalidEntity(`A property of type ${type} cannot be compared.`);
  }
}
