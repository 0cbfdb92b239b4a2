/** Text that is XML already and goes in as it is. */
export interface XmlMarkup {
  readonly markup: string;
}

/** Everything but the characters of XML 1.0, 2.2; with `u` half a surrogate pair is one, too. */
const notXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Makes text safe inside an element or a quoted attribute; what XML cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(notXml, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Writes one element; `content` is text, or markup that other calls have made. */
export function xmlElement(
  name: string,
  content: string | number | boolean | XmlMarkup | readonly XmlMarkup[],
  attributes: Readonly<Record<string, string>> = {},
): XmlMarkup {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
    .join("");
  return { markup: `<${name}${written}>${inner(content)}</${name}>` };
}

function inner(content: string | number | boolean | XmlMarkup | readonly XmlMarkup[]): string {
  if (typeof content !== "object") {
    return escapeXml(String(content));
  }
  return "markup" in content ? content.markup : content.map((element) => element.markup).join("");
}
