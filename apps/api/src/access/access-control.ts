import type { IncomingMessage } from "node:http";
import type { Clock, Log } from "@fleetquake/contract";
import type { AccessSettings } from "./access-settings.ts";
import type { Caller } from "./caller.ts";
import { readCredential, type Credential } from "./credential.ts";
import { EntraTokens } from "./entra-tokens.ts";
import { findApiKey } from "./find-api-key.ts";
import { refusedCredential } from "./refused-credential.ts";

export interface AccessControlOptions {
  readonly settings: AccessSettings;
  readonly clock: Clock;
  readonly log: Log;
}

/** Finds out who sent a request, in one of the ways that are configured. */
export class AccessControl {
  readonly #settings: AccessSettings;
  readonly #tokens: EntraTokens | null;

  constructor({ settings, clock, log }: AccessControlOptions) {
    this.#settings = settings;
    this.#tokens =
      settings.entra === null ? null : new EntraTokens({ settings: settings.entra, clock, log });
  }

  /**
   * Identifies the caller by the request's credential; what the caller may do is another question.
   * @returns null when the request has no credential.
   * @throws {ProblemError} 401 for a bad one, 503 when it cannot be checked.
   */
  async identify(request: IncomingMessage): Promise<Caller | null> {
    const credential = readCredential(request);
    return credential === null ? null : await this.#verify(credential);
  }

  async #verify(credential: Credential): Promise<Caller> {
    switch (credential.kind) {
      case "key":
        return this.#callerOfKey(credential.key);
      case "token":
        if (this.#tokens === null) {
          throw refusedCredential(
            "tokens-not-configured",
            "This API takes no tokens, since Microsoft Entra ID is not configured; send X-API-Key.",
          );
        }
        return await this.#tokens.verify(credential.token);
    }
  }

  #callerOfKey(presented: string): Caller {
    if (this.#settings.keys.length === 0) {
      throw refusedCredential(
        "keys-not-configured",
        "This API takes no keys, since none is configured; send an access token of Microsoft Entra ID.",
      );
    }
    const key = findApiKey(this.#settings.keys, presented);
    if (key === null) {
      throw refusedCredential("key-unknown", "X-API-Key is none of this API's keys.");
    }
    return { name: `key:${key.name}`, role: key.role };
  }
}
