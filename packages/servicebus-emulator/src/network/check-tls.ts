import { createSecureContext } from "node:tls";

import type { TlsOptions } from "../broker-options.ts";

/** Why a certificate and its key cannot be used, in one sentence; undefined when they can. */
export function checkTls({ cert, key }: TlsOptions): string | undefined {
  try {
    createSecureContext({ cert, key });
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `They must be a certificate in PEM and its own private key, without passphrase (${reason}).`;
  }
}
