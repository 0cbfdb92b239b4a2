/** Text that is XML already and goes in as it is. */
export interface XmlMarkup {
  readonly markup: string;
}

/** Makes text safe inside an element or a quoted attribute. */
export function escapeXml(text: string): string {
  return text
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
