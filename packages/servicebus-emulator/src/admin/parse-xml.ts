import { invalidEntity } from "../entities/entity-error.ts";
import type { XmlElement } from "./xml-element.ts";

interface OpenElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const maxDepth = 64;
const token =
  /<\?[^]*?\?>|<!--[^]*?-->|<!\[CDATA\[(?<cdata>[^]*?)\]\]>|<\/(?<closing>[^\s>]+)\s*>|<(?<opening>[^\s/>!?]+)(?<attributes>(?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(?<empty>\/)?>|(?<text>[^<]+)/uy;
const attribute = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/gu;
const entity = /&(#x[0-9a-f]+|#\d+|\w+);/giu;

/**
 * Parses the XML that admin clients send: elements, attributes, text, CDATA and the built-in
 * entities. A document type, the door to entity bombs, is refused.
 *
 * @throws EntityError 400 when the text is not well-formed.
 */
export function parseXml(source: string): XmlElement {
  const root = openElement("", new Map());
  const stack: OpenElement[] = [root];
  const reader = new RegExp(token);
  while (reader.lastIndex < source.length) {
    const groups = reader.exec(source)?.groups;
    const current = stack.at(-1);
    if (groups === undefined || current === undefined || stack.length > maxDepth) {
      throw invalidEntity("The body is not well-formed XML.");
    }
    takeToken(groups, current, stack);
  }
  const [document] = root.children;
  if (stack.length !== 1 || document === undefined) {
    throw invalidEntity("The body is not well-formed XML.");
  }
  return document;
}

function takeToken(
  groups: Readonly<Record<string, string | undefined>>,
  current: OpenElement,
  stack: OpenElement[],
): void {
  const { cdata, closing, opening, attributes, empty, text } = groups as TokenGroups;
  if (opening !== undefined) {
    const element = openElement(localName(opening), readAttributes(attributes ?? ""));
    current.children.push(element);
    if (empty === undefined) {
      stack.push(element);
    }
  } else if (closing !== undefined) {
    if (stack.length === 1 || current.name !== localName(closing)) {
      throw invalidEntity("The body is not well-formed XML.");
    }
    stack.pop();
  } else {
    current.text += cdata ?? decodeEntities(text ?? "");
  }
}

interface TokenGroups {
  readonly cdata?: string;
  readonly closing?: string;
  readonly opening?: string;
  readonly attributes?: string;
  readonly empty?: string;
  readonly text?: string;
}

function openElement(name: string, attributes: ReadonlyMap<string, string>): OpenElement {
  return { name, attributes, children: [], text: "" };
}

function readAttributes(source: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name, double, single] of source.matchAll(attribute)) {
    attributes.set(localName(name ?? ""), decodeEntities(double ?? single ?? ""));
  }
  return attributes;
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

const namedEntities: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

function decodeEntities(text: string): string {
  return text.replaceAll(entity, (_reference, name: string) =>
    name.startsWith("#") ? character(name.slice(1)) : namedEntity(name),
  );
}

function namedEntity(name: string): string {
  const known = namedEntities.get(name);
  if (known === undefined) {
    throw invalidEntity(`The entity &${name}; is not known.`);
  }
  return known;
}

function character(number: string): string {
  const code = /^x/iu.test(number) ? Number.parseInt(number.slice(1), 16) : Number(number);
  if (!(code <= 0x10_ffff)) {
    throw invalidEntity("A character reference is out of range.");
  }
  return String.fromCodePoint(code);
}
