import type { ConnectionOptions } from "node:tls";

/** The agent's own credentials; never read from the application's traffic. */
export interface ControlCredentialsOptions {
  /** `redis://user:password@host:port` or `rediss://…`; the members below win over its parts. */
  readonly url?: string;
  /** With TLS: the name that the server's certificate is checked against. */
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  /** Options of `tls.connect`, or true for Node's defaults. The password then never goes out in the clear. */
  readonly tls?: boolean | ConnectionOptions;
}

export interface ControlCredentials {
  readonly host: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** undefined: TLS is not demanded. */
  readonly tls: ConnectionOptions | undefined;
}

/** @throws {TypeError} when the url is none. */
export function readControlCredentials(options: ControlCredentialsOptions): ControlCredentials {
  const url = options.url === undefined ? undefined : new URL(options.url);
  const demanded = options.tls ?? url?.protocol === "rediss:";
  return {
    host: options.host ?? url?.hostname,
    username: options.username ?? decoded(url?.username),
    password: options.password ?? decoded(url?.password),
    tls: typeof demanded === "object" ? demanded : demanded ? {} : undefined,
  };
}

function decoded(part: string | undefined): string | undefined {
  return part === undefined || part === "" ? undefined : decodeURIComponent(part);
}
