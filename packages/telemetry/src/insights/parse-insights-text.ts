/** What came of reading a variable's text: a value, or what was expected instead. */
export type ParsedInsightsText<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string };

const KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const EXPECTED =
  "InstrumentationKey=<UUID>;IngestionEndpoint=https://…, as Azure shows it for the resource";

/**
 * Holds a connection string to what the SDK needs; it would otherwise send nothing and say nothing, and make https of an
 * endpoint with http. What was expected holds nothing of the text.
 */
export function parseInsightsConnectionString(text: string): ParsedInsightsText<string> {
  const parts = text
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const named = new Map(parts.map((part) => splitOnce(part)));
  const key = named.get("instrumentationkey") ?? "";
  const endpoint = named.get("ingestionendpoint");
  const isEndpoint = endpoint === undefined || isHttps(endpoint);
  return KEY.test(key) && isEndpoint
    ? { ok: true, value: text }
    : { ok: false, expected: EXPECTED };
}

/** Reads the share of requests and dependencies that is sent: 0 to 1. */
export function parseSamplingRate(text: string): ParsedInsightsText<number> {
  const value = /^\d(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
  return value <= 1
    ? { ok: true, value }
    : { ok: false, expected: "a number from 0 to 1, for example 0.25" };
}

function splitOnce(part: string): readonly [string, string] {
  const at = part.indexOf("=");
  return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
}

function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === "https:";
}
