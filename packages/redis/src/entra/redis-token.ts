/** A token of Microsoft Entra ID as Redis takes it: user and password of AUTH. */
export interface RedisToken {
  /** The identity's object id. */
  readonly username: string;
  readonly password: string;
  /** Wall clock, milliseconds since 1970. */
  readonly expiresAtInMs: number;
  /** From when on its issuer hands out another one; null: it does not say. Wall clock, milliseconds since 1970. */
  readonly refreshAfterInMs: number | null;
}
