import type { Clock } from "./clock.ts";
import type { LockTokenSource } from "./lock-token.ts";

/** What all entities of one broker share. */
export interface BrokerContext {
  readonly clock: Clock;
  readonly lockTokens: LockTokenSource;
  /** The text that says that an entity is not there; clients recognise it by its words. */
  notFoundText(path: string): string;
}
