import type { ParsedText } from "@fleetquake/redis";
import { isLoopbackName } from "../guard/allowed-hosts.ts";

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const GUID_URI = /^api:\/\/(?<id>[0-9a-f-]{36})$/i;
const URI = /^[a-z][a-z0-9+.-]*:\/\/[^\s,]{1,250}$/i;

/** Whether a text is an id as Entra ID gives them to tenants and applications. */
export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/**
 * Reads the audiences of this API: application ids and application ID URIs. Tokens of version 2 carry the id, those of
 * version 1 the URI, by default `api://<id>`: each of the two stands for both.
 */
export function parseAudiences(text: string): ParsedText<readonly string[]> {
  const audiences = new Set<string>();
  for (const item of text.split(",")) {
    const given = item.trim();
    const id = GUID_URI.exec(given)?.groups?.["id"] ?? given;
    if (isGuid(id)) {
      audiences.add(id.toLowerCase()).add(`api://${id.toLowerCase()}`);
    } else if (URI.test(given)) {
      audiences.add(given);
    } else {
      return {
        ok: false,
        expected:
          "the id of the API's app registration in Entra ID, or its application ID URI (api://…); several separated by commas",
      };
    }
  }
  return { ok: true, value: [...audiences] };
}

/** Reads the origin of an authority; only https, since keys that anybody could exchange under way prove nothing. */
export function parseAuthority(text: string): ParsedText<string> {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSafe =
    url?.protocol === "https:" || (url?.protocol === "http:" && isLoopbackName(url.hostname));
  const isOrigin =
    url !== null && `${url.pathname}${url.search}${url.hash}${url.username}${url.password}` === "/";
  return isSafe && isOrigin
    ? { ok: true, value: url.origin }
    : {
        ok: false,
        expected: "an https origin such as https://login.microsoftonline.us, without a path",
      };
}
