import { type Fields, mapField, optionalText, textField } from "../amqp/fields.ts";
import type { AmqpMap, AmqpValue } from "../amqp/amqp-value.ts";
import {
  doubleValue,
  mapValue,
  nullValue,
  optionalString,
  stringValue,
} from "../amqp/encode-value.ts";
import { looseValue } from "../amqp/loose-value.ts";
import {
  type FilterValue,
  isFilterValue,
  type Rule,
  type RuleAction,
  type RuleFilter,
} from "../entities/rule.ts";
import { sqlAction, sqlFilter } from "../entities/sql-filter.ts";
import { numberField } from "./number-field.ts";

/** A rule as fields of a change: SQL as its text, which is read again. */
export function encodeRule({ name, createdAt, filter, action }: Rule): Buffer[] {
  return [
    stringValue(name),
    doubleValue(createdAt),
    stringValue(filter.kind),
    filter.kind === "sql" ? stringValue(filter.expression) : nullValue,
    valuesMap(filterValues(filter)),
    valuesMap(filter.kind === "correlation" ? Object.entries(filter.properties) : []),
    optionalString(action?.expression),
    valuesMap(action?.parameters ?? []),
  ];
}

/** Reads a rule whose first field has this index. @throws AmqpError, EntityError */
export function decodeRule(fields: Fields, first: number): Rule {
  return {
    name: textField(fields, first),
    createdAt: numberField(fields, first + 1),
    filter: decodeFilter(fields, first + 2),
    action: decodeAction(fields, first + 6),
  };
}

function decodeFilter(fields: Fields, first: number): RuleFilter {
  const kind = textField(fields, first);
  switch (kind) {
    case "true":
    case "false":
      return { kind };
    case "sql":
      return sqlFilter(textField(fields, first + 1), filterMap(mapField(fields, first + 2)));
    case "correlation":
      return {
        kind,
        properties: Object.fromEntries(textsOf(mapField(fields, first + 3))),
        applicationProperties: filterMap(mapField(fields, first + 2)),
      };
    default:
      throw new Error(`The journal holds a filter of the kind '${kind}', which there is not.`);
  }
}

function decodeAction(fields: Fields, first: number): RuleAction | undefined {
  const expression = optionalText(fields, first);
  return expression === undefined
    ? undefined
    : sqlAction(expression, filterMap(mapField(fields, first + 1)));
}

function filterValues(filter: RuleFilter): Iterable<readonly [string, FilterValue]> {
  switch (filter.kind) {
    case "sql":
      return filter.parameters;
    case "correlation":
      return filter.applicationProperties;
    case "true":
    case "false":
      return [];
  }
}

function valuesMap(values: Iterable<readonly [string, FilterValue | undefined]>): Buffer {
  const pairs: Buffer[] = [];
  for (const [key, value] of values) {
    if (value !== undefined) {
      pairs.push(
        stringValue(key),
        typeof value === "number" ? doubleValue(value) : looseValue(value),
      );
    }
  }
  return mapValue(pairs);
}

function filterMap(map: AmqpMap): ReadonlyMap<string, FilterValue> {
  return new Map(Array.from(map, ([key, value]) => [key, filterValue(value)]));
}

function filterValue(value: AmqpValue): FilterValue {
  if (isFilterValue(value)) {
    return value;
  }
  throw new Error("The journal holds a filter whose value is none of text, number, boolean, date.");
}

function textsOf(map: AmqpMap): readonly (readonly [string, string])[] {
  return Array.from(map, ([key, value]) => [key, String(filterValue(value))]);
}
