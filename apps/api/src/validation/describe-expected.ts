import type { SchemaNode } from "./schema-node.ts";

/** Says in words what a schema takes: "a whole number from 1 to 60000". */
export function describeExpected(node: SchemaNode): string {
  if (node.anyOf !== undefined) {
    return `one of ${node.anyOf.map((choice) => JSON.stringify(choice.const)).join(", ")}`;
  }
  switch (node.type ?? "") {
    case "boolean":
      return "true or false";
    case "integer":
      return `a whole number${rangeOf(node.minimum, node.maximum)}`;
    case "number":
      return `a number${rangeOf(node.minimum, node.maximum)}`;
    case "string":
      return `a string${sizeOf(node.minLength, node.maxLength, "characters")}`;
    case "array":
      return `an array${sizeOf(node.minItems, node.maxItems, "different entries")}`;
    default:
      return describeObject(node);
  }
}

/** Shows a value that was not expected, shortened. */
export function describeActual(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    const isEmpty = Object.keys(value).length === 0;
    return `${isEmpty ? "an empty" : "an"} ${Array.isArray(value) ? "array" : "object"}`;
  }
  const text = JSON.stringify(value) ?? "nothing";
  const shown = text.length > 60 ? `${text.slice(0, 60)}… (${text.length} characters)` : text;
  return value === null ? "null" : `the ${typeof value} ${shown}`;
}

function describeObject(node: SchemaNode): string {
  const names = Object.keys(node.properties ?? {});
  const atLeastOne = (node.minProperties ?? 0) > 0 ? "at least one of " : "";
  return names.length > 0
    ? `an object with ${atLeastOne}${names.join(", ")}`
    : "an object with at least one name of 1 to 63 characters";
}

function rangeOf(minimum: number | undefined, maximum: number | undefined): string {
  if (maximum === undefined) {
    return minimum === undefined ? "" : ` of at least ${minimum}`;
  }
  return ` from ${minimum ?? 0} to ${maximum}`;
}

function sizeOf(minimum: number | undefined, maximum: number | undefined, what: string): string {
  if (maximum === undefined) {
    return minimum === undefined ? "" : ` of at least ${minimum} ${what}`;
  }
  return minimum === undefined
    ? ` of at most ${maximum} ${what}`
    : ` of ${minimum} to ${maximum} ${what}`;
}
