import type { IncomingMessage } from "node:http";
import { ProblemError } from "../problems/problem-error.ts";
import { isAllowedHost, isAllowedOrigin, type AllowedHosts } from "./allowed-hosts.ts";

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** What a request must not come by. */
export interface CheckCallerOptions extends AllowedHosts {
  /** Who calls is found out otherwise: a proxy may stand between. */
  readonly allowsProxies: boolean;
}

/**
 * Refuses what no credential excuses: other names for this machine and foreign web pages that write, which would use a
 * browser's way to this API; and proxies, as long as no authentication tells their callers apart.
 * @throws {ProblemError} 400 or 403.
 */
export function checkCaller(request: IncomingMessage, allowed: CheckCallerOptions): void {
  const host = checkHost(request, allowed);
  if (!allowed.allowsProxies) {
    checkProxy(request);
  }
  if (!READS.has(request.method ?? "")) {
    checkOrigin(request, host, allowed);
  }
}

function checkHost(request: IncomingMessage, allowed: AllowedHosts): string {
  const hosts = request.rawHeaders.filter(
    (name, index) => index % 2 === 0 && name.toLowerCase() === "host",
  );
  const host = request.headers.host ?? "";
  if (hosts.length > 1 || (hosts.length === 0 && request.httpVersion !== "1.0")) {
    throw new ProblemError("MALFORMED_REQUEST", "A request needs one Host header.");
  }
  const target = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(request.url ?? "")?.[1];
  for (const name of target === undefined ? [host] : [host, target]) {
    if (!isAllowedHost(name, allowed)) {
      throw new ProblemError(
        "HOST_NOT_ALLOWED",
        "The Host is not a name of this API: use localhost, 127.0.0.1 or [::1], or list the origin in FLEETQUAKE_PUBLIC_ORIGINS.",
      );
    }
  }
  return host;
}

function checkProxy(request: IncomingMessage): void {
  const header = Object.keys(request.headers).find(
    (name) => name === "forwarded" || name.startsWith("x-forwarded-"),
  );
  if (header !== undefined) {
    throw new ProblemError(
      "FORWARDED_NOT_ALLOWED",
      `The request came through a proxy (${header}), and this API has no authentication configured: it serves its own machine only.`,
    );
  }
}

function checkOrigin(request: IncomingMessage, host: string, allowed: AllowedHosts): void {
  const { origin } = request.headers;
  if (origin !== undefined && !isAllowedOrigin(origin, host, allowed)) {
    throw new ProblemError(
      "ORIGIN_NOT_ALLOWED",
      "A write may come from a page of this API only (or from none): list further origins in FLEETQUAKE_PUBLIC_ORIGINS.",
    );
  }
  if (request.headers["sec-fetch-site"] === "cross-site") {
    throw new ProblemError("ORIGIN_NOT_ALLOWED", "A write may not come from another site's page.");
  }
}
