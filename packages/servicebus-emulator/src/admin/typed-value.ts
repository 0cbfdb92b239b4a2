import { invalidEntity } from "../entities/entity-error.ts";
import type { FilterValue } from "../entities/rule.ts";
import { xmlElement, type XmlMarkup } from "./write-xml.ts";
import { childOf, type XmlElement } from "./xml-element.ts";

const schemaNamespace = "http://www.w3.org/2001/XMLSchema";

/** Reads the pairs of a name and a typed value below an element. @throws EntityError 400 */
export function readTypedValues(element: XmlElement | undefined): ReadonlyMap<string, FilterValue> {
  const values = new Map<string, FilterValue>();
  for (const entry of element?.children ?? []) {
    values.set(childOf(entry, "Key")?.text ?? "", readTypedValue(entry));
  }
  return values;
}

/** Writes pairs of a name and a typed value; nothing when there are none. */
export function writeTypedValues(
  name: string,
  values: ReadonlyMap<string, FilterValue>,
): readonly XmlMarkup[] {
  const entries = Array.from(values, ([key, value]) =>
    xmlElement("KeyValueOfstringanyType", [xmlElement("Key", key), writeTypedValue(value)]),
  );
  return entries.length === 0 ? [] : [xmlElement(name, entries)];
}

function writeTypedValue(value: FilterValue): XmlMarkup {
  const type =
    value instanceof Date ? "dateTime" : typeof value === "number" ? "double" : typeof value;
  const text = value instanceof Date ? value.toISOString() : String(value);
  return xmlElement("Value", text, { "i:type": `d6p1:${type}`, "xmlns:d6p1": schemaNamespace });
}

function readTypedValue(entry: XmlElement): FilterValue {
  const value = childOf(entry, "Value");
  const type = value?.attributes.get("type")?.replace(/^.*:/u, "") ?? "none";
  const text = value?.text ?? "";
  switch (type) {
    case "string":
      return text;
    case "boolean":
      return readBoolean(text);
    case "dateTime":
      return readMoment(text);
    case "int":
    case "long":
    case "double":
    case "decimal":
      return readNumber(text);
    default:
      throw invalidEntity(`A property of type ${type} cannot be compared.`);
  }
}

function readBoolean(text: string): boolean {
  if (text !== "true" && text !== "false") {
    throw invalidEntity(`'${text}' is neither true nor false.`);
  }
  return text === "true";
}

function readMoment(text: string): Date {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) {
    throw invalidEntity(`'${text}' is no time in ISO 8601.`);
  }
  return moment;
}

function readNumber(text: string): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) {
    throw invalidEntity(`'${text}' is no number.`);
  }
  return number;
}
