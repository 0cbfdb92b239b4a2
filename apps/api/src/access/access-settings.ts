import type { Role } from "./caller.ts";

/** A key that callers may present; the key itself is known to its holders only. */
export interface ApiKey {
  /** How records and logs call its holder. */
  readonly name: string;
  readonly role: Exclude<Role, "none">;
  /** SHA-256 of the key, in lower-case hex. */
  readonly sha256: string;
}

/** Whose tokens of Microsoft Entra ID are accepted. */
export interface EntraSettings {
  readonly tenantId: string;
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  /** Where the tenant's signing keys are published. */
  readonly keysUrl: string;
}

/** How callers authenticate; at least one way is configured. */
export interface AccessSettings {
  readonly keys: readonly ApiKey[];
  readonly entra: EntraSettings | null;
}
