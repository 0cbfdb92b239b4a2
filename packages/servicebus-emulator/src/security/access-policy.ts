/** What a key allows. Manage includes the other two, as in Service Bus. */
export type AccessRight = "Send" | "Listen" | "Manage";

/** A named key and what it allows, on every entity. */
export interface AccessPolicy {
  readonly name: string;
  /** The key as the connection string gives it; its text is the secret, not its base64 content. */
  readonly key: string;
  readonly rights: readonly AccessRight[];
}

/** True when these rights include one. */
export function allows(rights: readonly AccessRight[], right: AccessRight): boolean {
  return rights.includes(right) || rights.includes("Manage");
}
