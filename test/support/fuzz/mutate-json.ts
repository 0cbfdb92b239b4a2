import { isRecord } from "../is-record.ts";
import { nastyNumber, nastyText, nastyValue } from "./nasty-values.ts";
import type { Random } from "./random.ts";

type Mutation = (text: string, random: Random) => string;

/** What is wrong with a value: members of a wrong type, missing, of another name, too long. */
const VALUE_MUTATIONS: readonly ((object: Record<string, unknown>, random: Random) => void)[] = [
  (object, random) => {
    object[nameIn(object, random)] = nastyValue(random);
  },
  (object, random) => {
    object[nameIn(object, random)] = nastyNumber(random);
  },
  (object, random) => {
    Reflect.deleteProperty(object, nameIn(object, random));
  },
  (object, random) => {
    object[nastyText(random)] = nastyValue(random);
  },
  (object, random) => {
    const name = nameIn(object, random);
    object[name.toUpperCase()] = object[name];
  },
  (object, random) => {
    const name = nameIn(object, random);
    object[name] = [object[name]];
  },
  (object, random) => {
    const name = nameIn(object, random);
    object[name] = JSON.stringify(object[name]);
  },
  (object, random) => {
    object["target"] = {
      [random.pick(["replicas", "role", "labels", "rolle"])]: nastyValue(random),
    };
  },
];

/** What is wrong with a text: it is no JSON, or JSON that `JSON.parse` reads in a way nobody meant. */
const TEXT_MUTATIONS: readonly Mutation[] = [
  (text, random) => text.slice(0, random.between(0, text.length)),
  (text, random) => text + random.pick(["}", "]", ",", " null", "//", "\u0000", text]),
  (text, random) =>
    splice(text, random, random.pick(['"', "\\", "{", "}", ",", "\u0007", "\ufeff"])),
  (text) => text.replaceAll('"', "'"),
  (text) => text.replace(/\}$/u, ",}"),
  (text) => text.replace("{", '{"__proto__":{"force":true},'),
  (text) => text.replace("{", '{"constructor":{"prototype":{"polluted":1}},'),
  (text) => text.replace("{", '{"force":true,"\\u0066orce":false,'),
  (text) => text.replace(/^\{("[^"]*":[^,{}[\]]*)/u, "{$1,$1"),
  (text, random) =>
    text.replace(
      /:\s*[^,{}[\]"]+/u,
      `:${random.pick(["NaN", "-Infinity", "0x1f", "01", "1.", ".5", "+1", "1e999", "-0", "True"])}`,
    ),
  (text, random) => `${"[".repeat(random.between(20, 5_000))}${text}`,
  (text, random) => {
    const depth = random.between(20, 2_000);
    return `${'{"target":'.repeat(depth)}${text}${"}".repeat(depth)}`;
  },
  (text, random) => ` ${"\n\t ".repeat(random.between(1, 200))}${text}\r\n`,
  (text) => `/* why */ ${text}`,
  (_text, random) => JSON.stringify("x".repeat(random.between(60_000, 70_000))),
  (_text, random) => JSON.stringify(nastyValue(random)),
  (_text, random) => random.pick(["", "null", "true", "0", '""', "[]", "{}", "[{}]", "{", '"']),
];

/** Makes a valid body wrong in one or two ways. */
export function mutateJson(value: unknown, random: Random): string {
  const copy: unknown = structuredClone(value);
  if (isRecord(copy) && !Array.isArray(copy) && random.chance(0.6)) {
    random.pick(VALUE_MUTATIONS)(copy, random);
  }
  const text = JSON.stringify(copy) ?? "null";
  return random.chance(0.5) ? random.pick(TEXT_MUTATIONS)(text, random) : text;
}

function nameIn(object: Record<string, unknown>, random: Random): string {
  const names = Object.keys(object);
  return names.length === 0 ? "force" : random.pick(names);
}

function splice(text: string, random: Random, inserted: string): string {
  const at = random.between(0, text.length);
  return text.slice(0, at) + inserted + text.slice(at);
}
