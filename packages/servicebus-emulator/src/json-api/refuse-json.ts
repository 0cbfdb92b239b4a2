import { createHash, timingSafeEqual } from "node:crypto";

import { allows } from "../security/access-policy.ts";
import { type AdminAccess, allowsAdmin } from "../security/allows-admin.ts";

const basic = /^Basic (?<credentials>[A-Za-z0-9+/]+=*)$/u;

/**
 * Why a request with this Authorization header may not use the JSON endpoints, which need Manage;
 * undefined when it may. They take a shared access signature, or for use by hand the name of a key
 * and the key itself (RFC 7617), as `curl --user name:key` sends them.
 */
export function refuseJson(
  authorization: string | undefined,
  path: string,
  access: AdminAccess,
): string | undefined {
  const credentials = basic.exec(authorization ?? "")?.groups?.["credentials"];
  return credentials === undefined
    ? allowsAdmin(authorization, path, access)
    : refuseBasic(Buffer.from(credentials, "base64").toString("utf8"), access);
}

function refuseBasic(credentials: string, { policies }: AdminAccess): string | undefined {
  const colon = credentials.indexOf(":");
  const name = credentials.slice(0, colon);
  const policy = policies.find((candidate) => candidate.name === name);
  if (policy === undefined || !isSameText(policy.key, credentials.slice(colon + 1))) {
    return "There is no such key.";
  }
  return allows(policy.rights, "Manage") ? undefined : "The key does not have the right Manage.";
}

/** Compares without telling by the time it takes how much is right. */
function isSameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
