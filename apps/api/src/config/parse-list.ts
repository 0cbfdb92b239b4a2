import type { ParsedText } from "@fleetquake/redis";

const LONGEST_LABEL_NAME = 63;
const LONGEST_LABEL_VALUE = 256;

/** Reads `name=value,…`; a name that is there twice is a mistake. */
export function parseLabels(text: string): ParsedText<Readonly<Record<string, string>>> {
  const labels = new Map<string, string>();
  for (const pair of text.split(",")) {
    const [, name = "", value = ""] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    const fits =
      name.length >= 1 && name.length <= LONGEST_LABEL_NAME && value.length <= LONGEST_LABEL_VALUE;
    if (!fits || labels.has(name)) {
      return {
        ok: false,
        expected: `name=value,… with different names of 1 to ${LONGEST_LABEL_NAME} characters`,
      };
    }
    labels.set(name, value);
  }
  return { ok: true, value: Object.fromEntries(labels) };
}

/** Reads origins separated by commas and normalises each: scheme, host, and the port where it is not the scheme's. */
export function parseOrigins(text: string): ParsedText<readonly string[]> {
  const origins: string[] = [];
  for (const item of text.split(",")) {
    const given = item.trim();
    const url = URL.canParse(given) ? new URL(given) : null;
    const isOrigin =
      url !== null &&
      (url.protocol === "http:" || url.protocol === "https:") &&
      `${url.pathname}${url.search}${url.hash}${url.username}${url.password}` === "/" &&
      !given.includes("*");
    if (!isOrigin) {
      return { ok: false, expected: "origins such as https://chaos.example.com, without a path" };
    }
    origins.push(url.origin);
  }
  return { ok: true, value: origins };
}
