/** Which names and web pages this API is reached by. */
export interface AllowedHosts {
  /** Origins from FLEETQUAKE_PUBLIC_ORIGINS, normalised: `https://chaos.example.com`. */
  readonly publicOrigins: readonly string[];
}

const AUTHORITY = /^(?<name>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,255})(?<port>:\d{1,5})?$/;
const IPV4_LOOPBACK = /^127(\.\d{1,3}){3}$/;

/**
 * Tells whether a Host header (or the authority of an absolute request target) is one that this API is reached by.
 *
 * A page on the internet can point its own name at 127.0.0.1 (DNS rebinding) and is then of the same origin; only the
 * Host gives it away.
 */
export function isAllowedHost(host: string, allowed: AllowedHosts): boolean {
  const authority = AUTHORITY.exec(host.toLowerCase())?.groups;
  const name = authority?.["name"]?.replace(/\.$/, "");
  if (authority === undefined || name === undefined) {
    return false;
  }
  if (isLoopbackName(name)) {
    return true;
  }
  return allowed.publicOrigins.some(
    (origin) => originOf(`${new URL(origin).protocol}//${host}`) === origin,
  );
}

/** A name or an address that means this machine: localhost, 127.0.0.0/8, ::1. */
export function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "[::1]" || name === "::1" || IPV4_LOOPBACK.test(name);
}

/** Tells whether a write that says it comes from `origin` comes from a page of this API, or from a listed one. */
export function isAllowedOrigin(origin: string, host: string, allowed: AllowedHosts): boolean {
  const normal = originOf(origin);
  return (
    normal !== null &&
    (normal === originOf(`http://${host}`) || allowed.publicOrigins.includes(normal))
  );
}

function originOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).origin : null;
}
