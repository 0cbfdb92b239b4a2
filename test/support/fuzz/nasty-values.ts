import type { Random } from "./random.ts";

const TEXTS = [
  "",
  " ",
  "null",
  "NaN",
  "Infinity",
  "-0",
  "1e999",
  "0x10",
  "true",
  "undefined",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "worker",
  "api",
  "../../etc/passwd",
  "%00",
  "%2e%2e%2f",
  "\u0000",
  "\u001b[31mred",
  "line\r\nX-Injected: 1",
  "\u202eright to left",
  "\ud83d\ude00",
  "e\u0301e\u0301",
  "\ufeff",
  "\u2028",
  "\ud800",
  "' OR 1=1 --",
  "%{jndi:ldap://127.0.0.1/a}",
  "<script>alert(1)</script>",
  "*",
  "{}",
  "[]",
  "-",
  "~0~1",
] as const;

const NUMBERS = [
  0,
  -0,
  -1,
  1,
  2,
  0.5,
  -0.000_1,
  99,
  100,
  101,
  3_600,
  3_601,
  86_401,
  2 ** 31,
  2 ** 31 - 1,
  2 ** 32,
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  1e21,
  1e308,
  5e-324,
] as const;

/** A text that has broken programs before. */
export function nastyText(random: Random): string {
  return random.chance(0.1)
    ? random
        .pick(["a", "\u00e9", "\ud83d\ude00", "/", "%", '"', "\\"])
        .repeat(random.between(64, 6_000))
    : random.pick(TEXTS);
}

/** A number at or beyond some edge. */
export function nastyNumber(random: Random): number {
  return random.pick(NUMBERS);
}

/** Any JSON value, seldom one that fits. */
export function nastyValue(random: Random, depth = 0): unknown {
  switch (random.between(0, depth > 3 ? 3 : 6)) {
    case 0:
      return nastyText(random);
    case 1:
      return nastyNumber(random);
    case 2:
      return random.chance(0.5);
    case 3:
      return null;
    case 4:
      return Array.from({ length: random.between(0, 4) }, () => nastyValue(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.between(0, 4) }, () => [
          nastyText(random),
          nastyValue(random, depth + 1),
        ]),
      );
  }
}
