/** What a caller may do; each role includes those before it. */
export const ROLES = ["none", "read", "operate"] as const;

export type Role = (typeof ROLES)[number];

/** Who sent a request, as far as it was verified. */
export interface Caller {
  /** As records and logs show it: `key:<name>`, `entra:<object id>` or `anonymous (<address>)`. */
  readonly name: string;
  readonly role: Role;
}

/** A caller of whom nothing but the address is known. */
export function anonymousCaller(remoteAddress: string, role: Role): Caller {
  return { name: `anonymous (${remoteAddress})`, role };
}

/** Whether a role is at least the one that is needed. */
export function suffices(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
