import type { CorrelationFilter, Rule, RuleAction, RuleFilter } from "../entities/rule.ts";
import { descriptionAttributes } from "./description-attributes.ts";
import { writeTypedValues } from "./typed-value.ts";
import { xmlElement, type XmlMarkup } from "./write-xml.ts";

/** A RuleDescription. */
export function writeRule(rule: Rule): XmlMarkup {
  return xmlElement(
    "RuleDescription",
    [
      writeFilter(rule.filter),
      writeAction(rule.action),
      xmlElement("CreatedAt", new Date(rule.createdAt).toISOString()),
      xmlElement("Name", rule.name),
    ],
    descriptionAttributes,
  );
}

function writeAction(action: RuleAction | undefined): XmlMarkup {
  if (action === undefined) {
    return xmlElement("Action", "", { "i:type": "EmptyRuleAction" });
  }
  return xmlElement(
    "Action",
    [
      xmlElement("SqlExpression", action.expression),
      xmlElement("CompatibilityLevel", 20),
      ...writeTypedValues("Parameters", action.parameters),
    ],
    { "i:type": "SqlRuleAction" },
  );
}

function writeFilter(filter: RuleFilter): XmlMarkup {
  switch (filter.kind) {
    case "true":
      return sqlFilterElement("TrueFilter", "1=1");
    case "false":
      return sqlFilterElement("FalseFilter", "1=0");
    case "sql":
      return sqlFilterElement(
        "SqlFilter",
        filter.expression,
        writeTypedValues("Parameters", filter.parameters),
      );
    case "correlation":
      return correlationElement(filter);
  }
}

function sqlFilterElement(
  type: string,
  expression: string,
  parameters: readonly XmlMarkup[] = [],
): XmlMarkup {
  const elements = [
    xmlElement("SqlExpression", expression),
    xmlElement("CompatibilityLevel", 20),
    ...parameters,
  ];
  return xmlElement("Filter", elements, { "i:type": type });
}

function correlationElement(filter: CorrelationFilter): XmlMarkup {
  const names = {
    correlationId: "CorrelationId",
    messageId: "MessageId",
    to: "To",
    replyTo: "ReplyTo",
    subject: "Label",
    sessionId: "SessionId",
    replyToSessionId: "ReplyToSessionId",
    contentType: "ContentType",
  } as const;
  const system = Object.entries(names).flatMap(([key, name]) => {
    const value = Object.entries(filter.properties).find(([property]) => property === key)?.[1];
    return value === undefined ? [] : [xmlElement(name, value)];
  });
  const properties = writeTypedValues("Properties", filter.applicationProperties);
  return xmlElement("Filter", [...system, ...properties], { "i:type": "CorrelationFilter" });
}
