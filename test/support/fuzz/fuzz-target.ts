import { nastyText } from "./nasty-values.ts";
import type { Random } from "./random.ts";

const QUERIES = [
  "",
  "?",
  "?scope=local",
  "?scope=fleet",
  "?scope=local&scope=fleet",
  "?limit=1",
  "?limit=100",
  "?limit=0",
  "?limit=NaN",
  "?limit=1e1",
  "?limit[]=1",
  "?before=x",
  "?before=%00",
  "?force=true",
  "?__proto__=1",
  "?__proto__[force]=1",
  "?constructor.prototype.x=1",
  "?a=%zz",
  "?&&&==&",
  "?a;b",
  "?#",
  "#fragment",
] as const;

type Mutation = (path: string, random: Random) => string;

const MUTATIONS: readonly Mutation[] = [
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => path.replace("/chaos", "/./chaos"),
  (path) => path.replace("/chaos", "/chaos/../chaos"),
  (path) => path.replace("/chaos", "/%2e%2e/chaos"),
  (path) => path.replaceAll("/", "%2f"),
  (path) => path.replaceAll("/", "\\"),
  (path) => path.toUpperCase(),
  (path) => `${path};v=1`,
  (path) => `${path}%00`,
  (path) => `${path}%zz`,
  (path) => `${path}%c0%af`,
  (path) => `${path}%`,
  (path) => `${path}\u00e9\u00ff`,
  (path) => path.slice(1),
  (path, random) => percentEncode(path, random, 1),
  (path, random) => percentEncode(path, random, 2),
  (path, random) => `${path}/${encodeURIComponent(wellFormed(nastyText(random)))}`,
  (path, random) => `${path}/${"a".repeat(random.between(900, 1_200))}`,
  (path, random) => path + "/a".repeat(random.between(100, 5_000)),
  (path) => `http://localhost${path}`,
  (path) => `HTTP://127.0.0.1:1${path}`,
  (path) => `http://evil.example${path}`,
  (path) => `//evil.example${path}`,
  (path) => `ftp://localhost${path}`,
  () => "*",
  () => "/",
  () => "/chaos",
  () => "/chaos/status/../redis-reset",
  () => "http://",
  () => "/..%252f..%252fetc/passwd",
];

/** A request target; most lead to the path, the others almost do. */
export function fuzzTarget(path: string, ids: readonly string[], random: Random): string {
  const filled = path.replaceAll(/\{\w+\}/gu, () =>
    random.chance(0.6)
      ? random.pick(ids)
      : encodeURIComponent(wellFormed(nastyText(random).slice(0, random.between(1, 1_100)))),
  );
  const mutated = random.chance(0.15) ? random.pick(MUTATIONS)(filled, random) : filled;
  return random.chance(0.15) ? mutated + query(random) : mutated;
}

function query(random: Random): string {
  return random.chance(0.1)
    ? `?a=${"b".repeat(random.between(1_000, 9_500))}`
    : random.chance(0.2)
      ? `?${encodeURIComponent(wellFormed(nastyText(random)))}=1`
      : random.pick(QUERIES);
}

function percentEncode(path: string, random: Random, times: number): string {
  const at = random.between(0, path.length - 1);
  const code = path.charCodeAt(at).toString(16).padStart(2, "0");
  return `${path.slice(0, at)}%${"25".repeat(times - 1)}${code}${path.slice(at + 1)}`;
}

/** `encodeURIComponent` throws at half a surrogate pair. */
export function wellFormed(text: string): string {
  return text.replaceAll(/[\ud800-\udfff]/gu, "\ufffd");
}
