import type { ParsedText } from "./environment-variable.ts";

/** Any text. */
export function parseText(text: string): ParsedText<string> {
  return { ok: true, value: text };
}

/** Reads a whole number within bounds. */
export function parseInteger(
  minimum: number,
  maximum: number,
): (text: string) => ParsedText<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= minimum && value <= maximum
      ? { ok: true, value }
      : { ok: false, expected: `a whole number from ${minimum} to ${maximum}` };
  };
}

/** Reads seconds, fractions allowed, and returns milliseconds. */
export function parseSeconds(
  minimum: number,
  maximum: number,
): (text: string) => ParsedText<number> {
  return (text) => {
    const value = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    return value >= minimum && value <= maximum
      ? { ok: true, value: value * 1_000 }
      : { ok: false, expected: `seconds from ${minimum} to ${maximum}, for example 2.5` };
  };
}

const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  yes: true,
  on: true,
  false: false,
  "0": false,
  no: false,
  off: false,
};

/** Reads true or false as people write it: true, 1, yes, on, false, 0, no, off. */
export function parseFlag(text: string): ParsedText<boolean> {
  const key = text.toLowerCase();
  const value = Object.hasOwn(FLAGS, key) ? FLAGS[key] : undefined;
  return value === undefined ? { ok: false, expected: "true or false" } : { ok: true, value };
}

/** Reads one of some words, in any case. */
export function parseOneOf<T extends string>(words: readonly T[]): (text: string) => ParsedText<T> {
  return (text) => {
    const value = words.find((word) => word === text.toLowerCase());
    return value === undefined
      ? { ok: false, expected: `one of ${words.join(", ")}` }
      : { ok: true, value };
  };
}
