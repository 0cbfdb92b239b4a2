import type { Role } from "./caller.ts";

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const PROBES: ReadonlySet<string> = new Set(["/livez", "/readyz", "/health"]);
const UNDER_CHAOS = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?\/+chaos(?:[/?#]|$)/i;

/** What a request asks for. */
export interface RequestedRoute {
  readonly method: string;
  /** The route's pattern; undefined where no route answers. */
  readonly route: string | undefined;
  /** As it came, maybe an absolute target. */
  readonly url: string;
}

/** The role that a request takes: none for the probes, operate for whatever may change something under /chaos. */
export function neededRole(request: RequestedRoute): Role {
  if (isProbeRoute(request.route)) {
    return "none";
  }
  return isChaosWrite(request) ? "operate" : "read";
}

/** Whether a route says how the process is; those are answered to everybody, and to the end. */
export function isProbeRoute(route: string | undefined): boolean {
  return route !== undefined && PROBES.has(route);
}

/** Whether a request may change something under /chaos; also one that no route answers. */
export function isChaosWrite({ method, route, url }: RequestedRoute): boolean {
  return !READS.has(method) && UNDER_CHAOS.test(route ?? decoded(url));
}

function decoded(url: string): string {
  try {
    return decodeURI(url);
  } catch {
    return url;
  }
}
