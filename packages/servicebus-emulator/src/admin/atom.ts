import { invalidEntity } from "../entities/entity-error.ts";
import { parseXml } from "./parse-xml.ts";
import { xmlElement, type XmlMarkup } from "./write-xml.ts";
import { childOf, type XmlElement } from "./xml-element.ts";

/** One resource, as an ATOM entry shows it. */
export interface AtomEntry {
  /** The absolute URL of the resource, from which the SDK takes its names. */
  readonly id: string;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  readonly content: XmlMarkup;
}

/** A page of a list. */
export interface AtomFeed {
  readonly id: string;
  readonly title: string;
  readonly entries: readonly AtomEntry[];
  /** The URL of the next page. */
  readonly next: string | undefined;
}

const atomNamespace = "http://www.w3.org/2005/Atom";
const declaration = '<?xml version="1.0" encoding="utf-8"?>';

/** Writes an entry as a document. */
export function writeEntry(entry: AtomEntry): string {
  return declaration + entryMarkup(entry).markup;
}

/** Writes a feed as a document. It always has two links, because the SDK reads one as no list. */
export function writeFeed(feed: AtomFeed): string {
  const links = [xmlElement("link", "", { rel: "self", href: feed.id })];
  links.push(
    feed.next === undefined
      ? xmlElement("link", "", { rel: "alternate", href: feed.id })
      : xmlElement("link", "", { rel: "next", href: feed.next }),
  );
  const document = xmlElement(
    "feed",
    [
      xmlElement("title", feed.title, { type: "text" }),
      xmlElement("id", feed.id),
      xmlElement("updated", new Date().toISOString()),
      ...links,
      ...feed.entries.map(entryMarkup),
    ],
    { xmlns: atomNamespace },
  );
  return declaration + document.markup;
}

/** Writes the body of a refusal. */
export function writeError(status: number, detail: string): string {
  return xmlElement("Error", [xmlElement("Code", status), xmlElement("Detail", detail)]).markup;
}

/** Reads the description inside an entry, such as a QueueDescription. @throws EntityError 400 */
export function readEntry(body: string): XmlElement {
  const content = childOf(parseXml(body), "content");
  const [description] = content?.children ?? [];
  if (description === undefined) {
    throw invalidEntity("The body must be an ATOM entry with a description as its content.");
  }
  return description;
}

function entryMarkup(entry: AtomEntry): XmlMarkup {
  const updated = new Date(entry.updatedAt).toISOString();
  return xmlElement(
    "entry",
    [
      xmlElement("id", entry.id),
      xmlElement("title", entry.title, { type: "text" }),
      xmlElement("published", updated),
      xmlElement("updated", updated),
      xmlElement("link", "", { rel: "self", href: entry.id }),
      xmlElement("content", entry.content, { type: "application/xml" }),
    ],
    { xmlns: atomNamespace },
  );
}
