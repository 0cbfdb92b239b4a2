import { nastyNumber, nastyText } from "../fuzz/nasty-values.ts";
import type { Random } from "../fuzz/random.ts";

type Mutation = (xml: string, random: Random) => string;

const TEXTS = [
  "PT0S",
  "PT99999999999999999999S",
  "P10675199DT2H48M5.4775807S",
  "-PT1S",
  "P1Y",
  "true",
  "TRUE",
  "Active",
  "Renaming",
  "fuzz-q",
  "fuzz-t/Subscriptions/s",
  "sb://elsewhere.example/fuzz-q",
  "https://127.0.0.1/fuzz-q",
  "1=1",
  "a LIKE '%%%%%%%%%%%%%%%%' ESCAPE '%'",
  "((((((((((((((((((((a))))))))))))))))))))",
  "a = @p AND newid() = 1 / 0",
  "SET a = a + a; REMOVE b; SET sys.Label = 'x'",
  "NOT ".repeat(300),
  "2026-13-45T99:99:99Z",
  "&amp;&lt;&#x41;",
  "&#0;&#8;&#xFFFE;",
  "&constructor;",
  "]]>",
] as const;

const MUTATIONS: readonly Mutation[] = [
  (xml, random) => replaceText(xml, random, escapeText(nastyText(random))),
  (xml, random) => replaceText(xml, random, random.pick(TEXTS)),
  (xml, random) => replaceText(xml, random, String(nastyNumber(random))),
  (xml, random) => replaceText(xml, random, "x".repeat(random.between(1_000, 66_000))),
  (xml, random) => replaceText(xml, random, `<![CDATA[${random.pick(TEXTS)}]]>`),
  (xml, random) => withElement(xml, random, () => ""),
  (xml, random) => withElement(xml, random, (element) => element + element),
  (xml, random) => withElement(xml, random, (element) => `<!-- ${element} -->`),
  (xml, random) =>
    withElement(xml, random, (element) => {
      const depth = random.between(20, 3_000);
      return `${"<a>".repeat(depth)}${element}${"</a>".repeat(depth)}`;
    }),
  (xml, random) =>
    withName(xml, random, random.pick(["constructor", "QueueDescription", "\u00e9"])),
  (xml, random) =>
    xml.replace(/i:type="[^"]*"/u, `i:type="${random.pick(["int", "x:y:z", "SqlFilter", ""])}"`),
  (xml, random) => xml.slice(0, random.between(0, xml.length)),
  (xml, random) => xml + random.pick(["<", ">", "</entry>", "<a/>", xml, "\u0000"]),
  (xml, random) => {
    const at = random.between(0, xml.length);
    return (
      xml.slice(0, at) + random.pick(["<", "&", '"', "]]>", "\u0000", "\ufeff"]) + xml.slice(at)
    );
  },
  (xml) => `<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>${xml}`,
  (xml) => xml.replaceAll('"', "'"),
  (xml) => xml.replaceAll(/<(\/?)(\w)/gu, "<$1n:$2"),
  (_xml, random) => random.pick(["", " ", "{}", "<a/>", "<entry><content/></entry>"]),
  (_xml, random) => `<entry ${'a="b" '.repeat(random.between(1, 8_000))}><content/></entry>`,
];

/** Makes the description in a request wrong in one or two ways, or right in an unusual one. */
export function mutateXml(xml: string, random: Random): string {
  const once = random.pick(MUTATIONS)(xml, random);
  return random.chance(0.3) ? random.pick(MUTATIONS)(once, random) : once;
}

function replaceText(xml: string, random: Random, text: string): string {
  return nth(xml, /(?<=>)[^<>]+(?=<\/)/gu, random, () => text);
}

function withElement(xml: string, random: Random, change: (element: string) => string): string {
  return nth(xml, /<(?<name>\w+)[^<>]*>[^<>]*<\/\k<name>>/gu, random, change);
}

function withName(xml: string, random: Random, name: string): string {
  return nth(xml, /<(?<name>\w+)(?<rest>[^<>]*>[^<>]*<\/)\k<name>>/gu, random, (element) =>
    element.replaceAll(/(?<=^<|<\/)\w+/gu, name),
  );
}

/** Changes one of the places that match. */
function nth(
  text: string,
  pattern: RegExp,
  random: Random,
  change: (found: string) => string,
): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) {
    return text;
  }
  const match = random.pick(found);
  const end = match.index + match[0].length;
  return text.slice(0, match.index) + change(match[0]) + text.slice(end);
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
