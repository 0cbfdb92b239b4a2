import { EntityError } from "../entities/entity-error.ts";
import { isRuleName } from "../entities/entity-name.ts";
import type {
  CorrelationFilterOptions,
  RuleConfiguration,
  SqlFilterOptions,
} from "../entities/entity-options.ts";
import { sqlAction, sqlFilter } from "../entities/sql-filter.ts";
import type { JsonObjectReader } from "../json/json-object-reader.ts";
import { readNames } from "./read-names.ts";

type ApplicationProperties = NonNullable<CorrelationFilterOptions["applicationProperties"]>;

/** Reads the rules of a subscription. */
export function readRules(subscription: JsonObjectReader): readonly RuleConfiguration[] {
  const rules = subscription.list("Rules");
  const names = readNames(rules, { kind: "rule", isValid: isRuleName });
  return rules.map((rule, index) => {
    const properties = rule.object("Properties");
    const filter = readFilter(properties);
    const action = readSql(properties.object("Action"), sqlAction);
    properties.refuseRest();
    rule.refuseRest();
    const name = names[index] ?? "";
    return action === undefined ? { name, filter } : { name, filter, action };
  });
}

function readFilter(properties: JsonObjectReader): RuleConfiguration["filter"] {
  const type = properties.text("FilterType");
  const correlation = properties.object("CorrelationFilter");
  const sql = properties.object("SqlFilter");
  switch (type) {
    case "Correlation":
      return readCorrelationFilter(correlation);
    case "Sql":
      return readSqlFilter(sql);
    case undefined:
    default:
      properties.refuse("FilterType", "must be Correlation or Sql");
      return true;
  }
}

function readSqlFilter(filter: JsonObjectReader): SqlFilterOptions {
  const sqlExpression = readSql(filter, sqlFilter);
  if (sqlExpression === undefined) {
    filter.refuse("SqlExpression", "must be there for a rule of type Sql");
  }
  return { sqlExpression: sqlExpression ?? "" };
}

/** Reads a SQL expression, if there is one; the parser says what is wrong with it. */
function readSql(
  reader: JsonObjectReader,
  parse: (expression: string) => unknown,
): string | undefined {
  const expression = reader.text("SqlExpression");
  try {
    if (expression !== undefined) {
      parse(expression);
    }
  } catch (error) {
    if (!(error instanceof EntityError)) {
      throw error;
    }
    reader.refuse("SqlExpression", `is refused: ${error.message.replace(/\.$/u, "")}`);
  }
  reader.refuseRest();
  return expression;
}

function readCorrelationFilter(filter: JsonObjectReader): CorrelationFilterOptions {
  const applicationProperties = readApplicationProperties(filter.object("Properties"));
  const options = {
    contentType: filter.text("ContentType"),
    correlationId: filter.text("CorrelationId"),
    subject: filter.text("Label"),
    messageId: filter.text("MessageId"),
    replyTo: filter.text("ReplyTo"),
    replyToSessionId: filter.text("ReplyToSessionId"),
    sessionId: filter.text("SessionId"),
    to: filter.text("To"),
  };
  if (filter.names.length === 0) {
    filter.refuse(undefined, "must name at least one property of messages");
  }
  filter.refuseRest();
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), applicationProperties };
}

function readApplicationProperties(properties: JsonObjectReader): ApplicationProperties {
  const wanted: Record<string, string | number | boolean> = {};
  for (const name of properties.names) {
    const value = properties.value(name);
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      wanted[name] = value;
    } else {
      properties.refuse(name, "must be a text, a number, true or false");
    }
  }
  return wanted;
}
